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
export type Credentials = ReturnType<typeof makeCredentials>;

/** Makes them. @param refused told when a challenge got no answer, and why; holds no secret */
export function makeCredentials(first: SipAccount, domain: string, refused: (why: string) => void) {
    let account = first;
    /** Realms that may have an answer: the account's own domain, and those that challenged a REGISTER. */
    const realms = new Set([domain]);
    const used = new Map<string, Ha1>();
    let challenges: readonly Challenged[] = [];
    let told = 0;

    function secretOf(algorithm: Algorithm, realm: string): string | null {
        const { ha1: kept, password, username } = account;
        if (kept?.length) {
            const match = kept.find((value) => value.realm === realm && value.algorithm === algorithm);
            return match && /^[0-9a-f]{32,64}$/u.test(match.ha1) ? match.ha1 : null;
        }
        return password === undefined ? null : ha1(algorithm, username, realm, password);
    }

    return {
        /** New secrets for the same account. */
        renew(next: SipAccount): void {
            account = next;
            used.clear();
            told = 0;
        },

        /**
         * Of several challenges the one to answer: the strongest algorithm for which there is a secret, the first of equals
         * (RFC 8760 section 2.4); the first of all where none can be answered.
         */
        prefer(values: readonly string[]): Fields | undefined {
            const rank = ({ algorithm: name, realm = '' }: Fields): number => {
                const algorithm = algorithmOf(name);
                return algorithm && secretOf(algorithm, realm) !== null
                    ? ALGORITHMS.indexOf(algorithm)
                    : ALGORITHMS.length;
            };
            const [best] = values
                .slice(0, 8)
                .map(readChallenge)
                .sort((a, b) => rank(a) - rank(b));
            return best;
        },

        /**
         * The HA1 values with which the server has accepted us since the last time they were asked for; empty where there is
         * nothing new, or where the account came with HA1 values in the first place.
         */
        accepted(): readonly Ha1[] {
            if (account.ha1?.length || used.size === told) return [];
            told = used.size;
            return [...used.values()];
        },

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
            const secret = algorithm && secretOf(algorithm, realm);
            if (request.method === 'REGISTER') realms.add(realm);
            const why = !algorithm
                ? 'unknown algorithm'
                : !realm || !nonce || unsafe([realm, nonce, opaque].join())
                  ? 'unreadable challenge'
                  : qops && !qop
                    ? 'unknown qop'
                    : // A callee can send a 401 too: whoever is not the own service gets no hash to guess the password from.
                      !realms.has(realm)
                      ? 'foreign realm'
                      : /[\u0000-\u001f\u007f]/u.test(account.username)
                        ? 'control character in the user name'
                        : secret === null
                          ? 'no password or HA1 for this realm and algorithm'
                          : '';
            if (!algorithm || !secret || why) {
                refused(why);
                return false;
            }
            used.set(`${algorithm} ${realm}`, { realm, algorithm, ha1: secret });
            const scope = scopeOf(request, proxy);
            const others = challenges.filter((other) => other.scope !== scope || other.realm !== realm);
            const kept = { scope, proxy, realm, algorithm, opaque, qop, nonce, count: 0 };
            challenges = [...others, kept].slice(-MAX_KEPT);
            return true;
        },

        /** The answers to what was asked of requests like this, as lines; empty where nothing was. */
        authorize(request: Target): readonly string[] {
            const { method, target: uri, body } = request;
            const { username } = account;
            return challenges.flatMap((challenge) => {
                const { scope, proxy, realm, algorithm, nonce, opaque, qop: name } = challenge;
                const secret = scope === scopeOf(request, proxy) ? secretOf(algorithm, realm) : null;
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
        },

        /**
         * Takes the nonce for the next time from the answer to a request that was accepted (RFC 7615).
         */
        learn(request: Target, response: Pick<IncomingMessage, 'getHeader'>): void {
            for (const challenge of challenges) {
                const { proxy, scope } = challenge;
                const info = response.getHeader(`${proxy ? 'proxy-' : ''}authentication-info`);
                const { nextnonce: nonce } = readFields(info ?? '');
                if (!nonce || unsafe(nonce) || scope !== scopeOf(request, proxy)) continue;
                challenge.nonce = nonce;
                challenge.count = 0;
            }
        },
    };
}
