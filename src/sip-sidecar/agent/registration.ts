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
export class Binding {
    private readonly callId = randomToken();
    private readonly fromTag = randomToken();
    private sequence = 0;
    private expires = REGISTER_EXPIRES;

    constructor(
        private readonly userAgent: UserAgent,
        private readonly clock: Clock,
    ) {}

    /** Registers, or refreshes. Never rejects. */
    async register(): Promise<RegisterResult> {
        const response = await this.send(this.expires, REGISTER_TIMEOUT);
        if (response?.statusCode === 423) {
            const least = Number(response.getHeader('min-expires'));
            if (least > this.expires && least <= 86_400) {
                this.expires = least;
                return this.result(await this.send(this.expires, REGISTER_TIMEOUT));
            }
        }
        return this.result(response);
    }

    /** Takes the binding away. Resolves when that is answered, or after `timeout` ms. Never rejects. */
    async unregister(timeout: number): Promise<void> {
        await this.send(0, timeout);
    }

    private async send(expires: number, timeout: number): Promise<IncomingResponseMessage | null> {
        const { userAgent } = this;
        const { core } = userAgent;
        const { aor, contact } = core.configuration;
        this.sequence += 1;
        const message = core.makeRequest('REGISTER', {
            target: core.registrar,
            to: `<${aor}>`,
            callId: this.callId,
            fromTag: this.fromTag,
            cseq: this.sequence,
            headers: [
                `Contact: <${contact}>;reg-id=1;+sip.instance="<urn:uuid:${userAgent.instanceId}>";expires=${String(expires)}`,
                ALLOW,
            ],
        });
        const response = await ask(core, message, this.clock, timeout);
        // An answered challenge has raised it.
        this.sequence = Math.max(this.sequence, message.cseq);
        return response;
    }

    private result(response: IncomingResponseMessage | null): RegisterResult {
        const status = response?.statusCode ?? 0;
        if (response === null || isOurs(response)) {
            return { type: 'failed', retryAfter: 0, detail: 'no answer to REGISTER', answered: false };
        }
        if (status < 300) return this.bound(response);
        if (status === 401 || status === 407) return { type: 'refused', refusal: 'credentials', status };
        const named = Number.parseInt(response.getHeader('retry-after') ?? '', 10);
        const retryAfter = named > 0 ? named : 0;
        const passes = (status >= 500 && status < 600) || status === 408 || status === 429 || status === 480;
        if (status !== 403 && (passes || retryAfter > 0))
            return { type: 'failed', retryAfter, detail: `status ${String(status)}`, answered: true };
        return { type: 'refused', refusal: 'forbidden', status };
    }

    private bound(response: IncomingResponseMessage): RegisterResult {
        const { userAgent, expires: asked } = this;
        const { configuration } = userAgent.core;
        const contacts = response
            .getHeaders('contact')
            .map((value) => readAddress(value))
            .filter((value) => value !== null);
        const [ours = ''] = configuration.contact.split('@');
        const own = contacts.find(
            (value) =>
                value.uri.startsWith(ours) ||
                value.parameters['+sip.instance']?.includes(userAgent.instanceId) === true,
        );
        const header = response.getHeader('expires');
        if (own === undefined && contacts.length === 0 && header === undefined) {
            return { type: 'failed', retryAfter: 0, detail: 'the answer to REGISTER names no binding', answered: true };
        }
        const expires = Number(own?.parameters['expires'] ?? header ?? asked);
        if (!(expires > 0))
            return { type: 'failed', retryAfter: 0, detail: 'the binding has already expired', answered: true };
        const gruu = cleanSipAddress(own?.parameters['pub-gruu']?.replace(/"/gu, ''));
        const mine = gruu !== null && sameAddressOfRecord(gruu, configuration.aor) ? gruu : null;
        configuration.gruu = mine;
        return { type: 'registered', gruu: mine, expires: Math.min(expires, 86_400) };
    }
}
