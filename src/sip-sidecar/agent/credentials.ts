/**
 * What answers the server's challenges. Holds the secret for as long as the account is connected; nothing of it leaves
 * but answers, and the HA1 values that a trusted device may keep.
 */
import { parseSipAddress, type Ha1, type SipAccount } from '../contract/index.js';
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { OutgoingRequest } from './core/outgoing-message.js';
import {
    ALGORITHMS,
    QOPS,
    algorithmOf,
    digestResponse,
    ha1,
    readChallenge,
    readFields,
    type Algorithm,
    type Fields,
} from './digest.js';
import { randomToken } from './random.js';

/** What is challenged. */
type Target = Pick<OutgoingRequest, 'method' | 'target' | 'to' | 'callId' | 'body'>;

/** A challenge that is answered for as long as its nonce is good. */
interface Challenged {
    /** Whom it concerns, see {@link scopeOf}. */
    readonly scope: string;
    readonly proxy: boolean;
    readonly realm: string;
    readonly algorithm: Algorithm;
    readonly opaque: string | undefined;
    readonly qop: (typeof QOPS)[number] | undefined;
    nonce: string;
    /** How often the nonce was used. */
    count: number;
}

/** How many challenges are kept: those of a dialog are of no use after it. */
const MAX_KEPT = 16;

const unsafe = (text: string): boolean => /["\\\u0000-\u001f\u007f]/u.test(text);

/**
 * Which later requests get an answer before they are challenged: those that whoever challenged this one will challenge too,
 * and keep from others. That is the method, in the same dialog or outside any; to the same domain for a proxy's challenge,
 * and to the very same address for a server's, which could be anybody's there.
 */
const scopeOf = ({ method, target, to, callId }: Target, proxy: boolean): string =>
    [proxy, method, proxy ? parseSipAddress(target)?.host : target, to.includes(';tag=') && callId].join(' ');

/** The credentials of one account. */
export class Credentials {
    /** Realms that may have an answer: the account's own domain, and those that challenged a REGISTER. */
    private readonly realms: Set<string>;
    private readonly used = new Map<string, Ha1>();
    private challenges: readonly Challenged[] = [];
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
     * (RFC 8760 section 2.4); the first of all where none can be answered.
     */
    prefer(values: readonly string[]): Fields | undefined {
        const rank = ({ algorithm: name, realm = '' }: Fields): number => {
            const algorithm = algorithmOf(name);
            return algorithm && this.secret(algorithm, realm) !== null
                ? ALGORITHMS.indexOf(algorithm)
                : ALGORITHMS.length;
        };
        const [best] = values
            .slice(0, 8)
            .map(readChallenge)
            .sort((a, b) => rank(a) - rank(b));
        return best;
    }

    /**
     * The HA1 values with which the server has accepted us since the last time they were asked for; empty where there is
     * nothing new, or where the account came with HA1 values in the first place.
     */
    accepted(): readonly Ha1[] {
        if (this.account.ha1?.length || this.used.size === this.told) return [];
        this.told = this.used.size;
        return [...this.used.values()];
    }

    private secret(algorithm: Algorithm, realm: string): string | null {
        const { ha1: kept, password, username } = this.account;
        if (kept?.length) {
            const match = kept.find((value) => value.realm === realm && value.algorithm === algorithm);
            return match && /^[0-9a-f]{32,64}$/u.test(match.ha1) ? match.ha1 : null;
        }
        return password === undefined ? null : ha1(algorithm, username, realm, password);
    }

    /**
     * Takes in a challenge to a request: {@link authorize} answers it from now on, for this request and for others like it.
     *
     * @param proxy whether it is a proxy's (407)
     * @returns false where there is no answer to it
     */
    challenged(request: Target, proxy: boolean, challenge: Fields): boolean {
        const { realm = '', nonce = '', opaque, qop: offered } = challenge;
        const algorithm = algorithmOf(challenge['algorithm']);
        const qops = offered?.toLowerCase().split(/\s*,\s*/u);
        const qop = QOPS.find((name) => qops?.includes(name));
        const secret = algorithm && this.secret(algorithm, realm);
        if (request.method === 'REGISTER') this.realms.add(realm);
        const why = !algorithm
            ? 'unknown algorithm'
            : !realm || !nonce || unsafe([realm, nonce, opaque].join())
              ? 'unreadable challenge'
              : qops && !qop
                ? 'unknown qop'
                : // A callee can send a 401 too: whoever is not the own service gets no hash to guess the password from.
                  !this.realms.has(realm)
                  ? 'foreign realm'
                  : /[\u0000-\u001f\u007f]/u.test(this.account.username)
                    ? 'control character in the user name'
                    : secret === null
                      ? 'no password or HA1 for this realm and algorithm'
                      : '';
        if (!algorithm || !secret || why) {
            this.refused(why);
            return false;
        }
        this.used.set(`${algorithm} ${realm}`, { realm, algorithm, ha1: secret });
        const scope = scopeOf(request, proxy);
        const others = this.challenges.filter((other) => other.scope !== scope || other.realm !== realm);
        const kept = { scope, proxy, realm, algorithm, opaque, qop, nonce, count: 0 };
        this.challenges = [...others, kept].slice(-MAX_KEPT);
        return true;
    }

    /** The answers to what was asked of requests like this, as lines; empty where nothing was. */
    authorize(request: Target): readonly string[] {
        const { method, target: uri, body } = request;
        const { username } = this.account;
        return this.challenges.flatMap((challenge) => {
            const { scope, proxy, realm, algorithm, nonce, opaque, qop: name } = challenge;
            const secret = scope === scopeOf(request, proxy) ? this.secret(algorithm, realm) : null;
            if (secret === null) return [];
            challenge.count += 1;
            const nc = challenge.count.toString(16).padStart(8, '0');
            const qop = name === undefined ? null : { name, cnonce: randomToken(), nc };
            const text = body?.content ?? '';
            const response = digestResponse({ algorithm, ha1: secret, method, uri, nonce, qop, body: text });
            const fields = [
                `Digest username="${username.replace(/["\\]/gu, '\\$&')}"`,
                `realm="${realm}"`,
                `nonce="${nonce}"`,
                `uri="${uri}"`,
                `algorithm=${algorithm}`,
                `response="${response}"`,
                ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
                ...(qop === null ? [] : [`qop=${qop.name}`, `cnonce="${qop.cnonce}"`, `nc=${nc}`]),
            ];
            return `${proxy ? 'Proxy-' : ''}Authorization: ${fields.join(', ')}`;
        });
    }

    /**
     * Takes the nonce for the next time from the answer to a request that was accepted (RFC 7615).
     */
    learn(request: Target, response: Pick<IncomingMessage, 'getHeader'>): void {
        for (const challenge of this.challenges) {
            const { proxy, scope } = challenge;
            const info = response.getHeader(`${proxy ? 'proxy-' : ''}authentication-info`);
            const { nextnonce: nonce } = readFields(info ?? '');
            if (!nonce || unsafe(nonce) || scope !== scopeOf(request, proxy)) continue;
            challenge.nonce = nonce;
            challenge.count = 0;
        }
    }
}
