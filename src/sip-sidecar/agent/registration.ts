/**
 * REGISTER (RFC 3261 section 10) with outbound and GRUU (RFC 5626, RFC 5627). sip.js' Registerer is not used: it stays
 * stuck for ever after a 200 without Contact, lets its refresh collide with the application's, and rejects into nowhere.
 */
import type { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { cleanSipAddress, sameAddressOfRecord, type Clock } from '../contract/index.js';
import { ask } from './ask.js';
import { isOurs } from './core/client-request.js';
import { ALLOW } from './headers.js';
import { randomToken } from './random.js';
import { REGISTER_EXPIRES, REGISTER_TIMEOUT } from './policies.js';
import { readAddress } from './sip-js/parser.js';
import type { UserAgent } from './user-agent.js';

/** What came of a REGISTER. */
export type RegisterResult =
    /** `expires` in seconds. */
    | { readonly type: 'registered'; readonly gruu: string | null; readonly expires: number }
    /** Final: trying again changes nothing. */
    | { readonly type: 'refused'; readonly refusal: 'credentials' | 'forbidden'; readonly status: number }
    /** Try again; `retryAfter` in seconds, 0 where the server names none. */
    /** `answered`: the server is there, it only does not register us now. */
    | { readonly type: 'failed'; readonly retryAfter: number; readonly detail: string; readonly answered: boolean };

/** The binding of one connection; make a new one for each. */
export function makeBinding({ instanceId, core }: UserAgent, clock: Clock) {
    const { configuration, registrar: target } = core;
    const { aor, contact } = configuration;
    const [callId, fromTag] = [randomToken(), randomToken()];
    let sequence = 0;
    let asked = REGISTER_EXPIRES;

    async function send(expires: number, timeout: number): Promise<IncomingResponseMessage> {
        sequence += 1;
        const message = core.makeRequest('REGISTER', {
            target,
            to: `<${aor}>`,
            callId,
            fromTag,
            cseq: sequence,
            headers: [
                `Contact: <${contact}>;reg-id=1;+sip.instance="<urn:uuid:${instanceId}>";expires=${String(expires)}`,
                ALLOW,
            ],
        });
        const response = await ask(core, message, clock, timeout);
        // An answered challenge has raised it.
        sequence = message.cseq;
        return response;
    }

    function result(response: IncomingResponseMessage): RegisterResult {
        const { statusCode: status = 0 } = response;
        const failed = (detail: string, retryAfter = 0): RegisterResult => ({
            type: 'failed',
            retryAfter,
            detail,
            answered: !isOurs(response),
        });
        if (isOurs(response)) return failed('no answer to REGISTER');
        if (status < 300) {
            const contacts = response.getHeaders('contact').map(readAddress);
            const [ours = ''] = contact.split('@');
            const own = contacts.find(
                (value) =>
                    value?.uri.startsWith(ours) === true || value?.parameters['+sip.instance']?.includes(instanceId),
            )?.parameters;
            const header = response.getHeader('expires');
            // One that names other bindings has ours among them: it does not say for how long.
            const expires = Number(own?.['expires'] ?? header ?? (contacts.length > 0 ? asked : 0));
            if (!(expires > 0)) return failed('no binding in the answer to REGISTER');
            const given = cleanSipAddress(own?.['pub-gruu']?.replace(/"/gu, ''));
            const gruu = sameAddressOfRecord(given, aor) ? given : null;
            configuration.gruu = gruu;
            return { type: 'registered', gruu, expires: Math.min(expires, 86_400) };
        }
        if (status === 401 || status === 407) return { type: 'refused', refusal: 'credentials', status };
        const named = Number.parseInt(response.getHeader('retry-after') ?? '', 10);
        const passes = named > 0 || (status >= 500 && status < 600) || [408, 429, 480].includes(status);
        if (status !== 403 && passes) return failed(`status ${String(status)}`, named > 0 ? named : 0);
        return { type: 'refused', refusal: 'forbidden', status };
    }

    return {
        /** Registers, or refreshes. Never rejects. */
        async register(): Promise<RegisterResult> {
            const response = await send(asked, REGISTER_TIMEOUT);
            const least = response.statusCode === 423 ? Number(response.getHeader('min-expires')) : 0;
            if (!(least > asked && least <= 86_400)) return result(response);
            asked = least;
            return result(await send(asked, REGISTER_TIMEOUT));
        },

        /** Takes the binding away. Resolves when that is answered, or after `timeout` ms. Never rejects. */
        async unregister(timeout: number): Promise<void> {
            await send(0, timeout);
        },
    };
}
