/** Whether the server at the other end of the connection is there: a dead socket stays open for minutes in a browser. */
import type { Clock } from '../contract/index.js';
import { ask } from './ask.js';
import { isOurs } from './core/client-request.js';
import type { Core } from './core/core.js';
import { ALIVE_TIMEOUT } from './policies.js';

/**
 * Asks the server for a sign of life (OPTIONS, RFC 3261 section 11). Any answer is one, whatever it says. Never rejects.
 *
 * @returns false where none came within {@link ALIVE_TIMEOUT}
 */
export async function isAlive(core: Core, clock: Clock): Promise<boolean> {
    const { registrar: target } = core;
    const message = core.makeRequest('OPTIONS', { target, to: `<${target}>` });
    return !isOurs(await ask(core, message, clock, ALIVE_TIMEOUT));
}
