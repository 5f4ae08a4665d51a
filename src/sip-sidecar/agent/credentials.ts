/**
 * What answers the server's challenges. Holds the secret for as long as the account is connected; nothing of it leaves
 * but answers, and the HA1 values that a trusted device may keep.
 */
import type { Ha1, SipAccount } from '../contract/index.js';
import type { OutgoingRequest } from './core/outgoing-message.js';
import { ALGORITHMS, algorithmOf, digestResponse, ha1, readChallenge, type Algorithm } from './digest.js';
import { randomToken } from './random.js';

/** A challenge as sip.js reads it out of a 401 or 407. */
export interface ParsedChallenge {
    readonly algorithm?: string;
    readonly realm?: string;
    readonly nonce?: string;
    readonly opaque?: string;
    readonly qop?: readonly string[];
    readonly stale?: boolean;
}

/** What is challenged. */
type Target = Pick<OutgoingRequest, 'method' | 'target'>;

const unsafe = (text: string): boolean => /["\\\u0000-\u001f\u007f]/u.test(text);

/** The credentials of one account. */
export class Credentials {
    /** Realms that may have an answer: the account's own domain, and those that challenged a REGISTER. */
    private readonly realms: Set<string>;
    private readonly used = new Map<string, Ha1>();
    private told = 0;

    /** @param refused told when a challenge got no answer, and why; holds no secret */
    constructor(
        private account: SipAccount,
        domain: string,
        private readonly refused: (why: string) => void,
    ) {
        this.realms = new Set([domain]);
    }

    /** New secrets for the same account. */
    renew(account: SipAccount): void {
        this.account = account;
        this.used.clear();
        this.told = 0;
    }

    /**
     * Of several challenges the one to answer: the strongest algorithm for which there is a secret, the first of equals
     * (RFC 8760 section 2.4). The parser of sip.js would keep only the last one, whatever it asks for.
     *
     * @returns the index, 0 where none can be answered
     */
    prefer(values: readonly string[]): number {
        const ranks = values.map((value) => {
            const challenge = readChallenge(value);
            const algorithm = challenge && algorithmOf(challenge.algorithm);
            return challenge && algorithm && this.secret(algorithm, challenge.realm) !== null
                ? ALGORITHMS.indexOf(algorithm)
                : ALGORITHMS.length;
        });
        return ranks.indexOf(Math.min(...ranks));
    }

    /**
     * The HA1 values with which the server has accepted us since the last time they were asked for; empty where there is
     * nothing new, or where the account came with HA1 values in the first place.
     */
    accepted(): readonly Ha1[] {
        if ((this.account.ha1?.length ?? 0) > 0 || this.used.size === this.told) return [];
        this.told = this.used.size;
        return [...this.used.values()];
    }

    private secret(algorithm: Algorithm, realm: string): string | null {
        const { ha1: kept, password, username } = this.account;
        if (kept !== undefined && kept.length > 0) {
            const match = kept.find((value) => value.realm === realm && value.algorithm === algorithm);
            return match && /^[0-9a-f]{32,64}$/u.test(match.ha1) ? match.ha1 : null;
        }
        return password === undefined ? null : ha1(algorithm, username, realm, password);
    }

    /**
     * The answer to a challenge, as Authorization has it, or null where there is none.
     *
     * @param count how often this request has been answered, with this
     */
    answer({ method, target: uri }: Target, challenge: ParsedChallenge, count: number): string | null {
        const { realm = '', nonce = '', opaque, qop } = challenge;
        const { username } = this.account;
        const algorithm = algorithmOf(challenge.algorithm);
        const refuse = (why: string): null => {
            this.refused(why);
            return null;
        };
        if (algorithm === null) return refuse('the server asks for a digest algorithm other than MD5 and SHA-256');
        if (realm === '' || nonce === '' || [realm, nonce, opaque ?? ''].some(unsafe)) {
            return refuse('the server sent a challenge that cannot be read');
        }
        if (qop !== undefined && !qop.includes('auth')) return refuse('the server asks for a qop other than auth');
        // A callee can send a 401 too: whoever is not the own service gets no hash to guess the password from.
        if (method === 'REGISTER') this.realms.add(realm);
        else if (!this.realms.has(realm)) return refuse('a challenge came from a realm that is not the own service');
        if (/[\u0000-\u001f\u007f]/u.test(username)) return refuse('the user name holds a control character');
        const a1 = this.secret(algorithm, realm);
        if (a1 === null) return refuse('there is no secret for the realm and algorithm the server asks for');
        this.used.set(`${algorithm} ${realm}`, { realm, algorithm, ha1: a1 });
        const auth = qop === undefined ? null : { cnonce: randomToken(), nc: count.toString(16).padStart(8, '0') };
        const response = digestResponse({ algorithm, ha1: a1, method, uri, nonce, qop: auth });
        return [
            `Digest username="${username.replace(/["\\]/gu, '\\$&')}"`,
            `realm="${realm}"`,
            `nonce="${nonce}"`,
            `uri="${uri}"`,
            `algorithm=${algorithm}`,
            `response="${response}"`,
            ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
            ...(auth === null ? [] : ['qop=auth', `cnonce="${auth.cnonce}"`, `nc=${auth.nc}`]),
        ].join(', ');
    }
}
