/**
 * Who is at the other end of a call, and how sure we are (PROTOCOL.md 8.8): one pure function from everything that is known
 * to one JID with its level. What is known only ever grows, and its order means nothing.
 */
import { parseSipAddress, type Direction } from '../sip-sidecar/contract/index.js';
import { OWN_WORD } from './address-book/book.js';
import { areAnnounced } from './stanzas/dialog.js';
import type { ClaimSource, Identity, IdentityLevel, IdentityReason } from './phone.js';

/** A live stanza of a JID named the call in the right direction, matched by rule 1 or 2 of PROTOCOL.md 8.7. */
export interface Witness {
    readonly how: 'announced' | 'verified';
    /** The DTLS fingerprints it gives as its own, as `sha-256 AA:BB:…`; empty: none. */
    readonly theirs: readonly string[];
    /** Those it has seen of us: in an accept only. */
    readonly ours: readonly string[];
}

/** We called that address; or an INVITE has it in From, or in P-Asserted-Identity only. */
export type AddressSource = 'dialled' | 'from' | 'asserted';

/** All that counts. JIDs are bare. */
export interface Evidence {
    readonly direction: Direction;
    /** Of a call out: the JID that was dialled, where it was one. */
    readonly dialled: string | null;
    /** What the address is worth: `dialled`, we called it; `trusted`, its domain authenticates From; `asserted`, others put it there. */
    readonly from: 'dialled' | 'trusted' | 'untrusted' | 'asserted';
    /** The one JID that Call-Info names. */
    readonly named: string | null;
    /** Who lists the address of the other side, and where. */
    readonly listers: ReadonlyMap<string, readonly ClaimSource[]>;
    readonly witnesses: ReadonlyMap<string, Witness>;
    /** Every fingerprint the other side's session descriptions ever had. */
    readonly theirs: Iterable<string>;
    /** Our own. */
    readonly ours: Iterable<string>;
    readonly isContact: (jid: string) => boolean;
    /** A confirmation was to be expected, and there was time for it. */
    readonly overdue: boolean;
}

/** Nobody is known. */
export const NOBODY: Identity = {
    level: 'none',
    jid: null,
    trusted: false,
    contact: false,
    unconfirmed: false,
    reasons: ['address-unknown'],
};

const LEVELS: readonly IdentityLevel[] = ['conflict', 'none', 'claimed', 'listed', 'announced', 'media-bound'];

/** Whether an identity is at that level or a better one. */
export function atLeast({ level }: Pick<Identity, 'level'>, least: IdentityLevel): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}

/** What the From of a call is worth. @param asserted it stands in P-Asserted-Identity only */
export function worthOf(from: string, asserted: boolean, trustedDomains: readonly string[]): Evidence['from'] {
    const host = parseSipAddress(from)?.host.replace(/\.$/u, '') ?? '';
    return asserted ? 'asserted' : trustedDomains.includes(host) ? 'trusted' : 'untrusted';
}

/** The one JID, and its level. */
export function identify(evidence: Evidence): Identity {
    const { named, witnesses, isContact } = evidence;
    const { listed, listers } = whoLists(evidence);
    const announcers = [...witnesses];
    // A stranger who knows a Call-ID must not be able to spoil a good call.
    const confirmed = announcers.filter(([each]) => each === named || each === listed || listers.includes(each));
    const [first, second] = confirmed.length > 0 ? confirmed : announcers;
    if (first === undefined) return unannounced(evidence, listed, listers);
    const [jid, { how, theirs, ours }] = first;
    if (second !== undefined || (listed ?? jid) !== jid || (named ?? jid) !== jid) {
        const reason = second === undefined && jid === listed ? 'someone-else-claimed' : 'someone-else-announced';
        return { ...NOBODY, level: 'conflict', inNameOf: listed ?? named, reasons: [reason] };
    }
    const contact = isContact(jid);
    const used = [...evidence.theirs];
    const compared = theirs.length > 0 && used.length > 0;
    const bound =
        compared &&
        areAnnounced(used, theirs) &&
        (evidence.direction === 'incoming' || areAnnounced([...evidence.ours], ours));
    return {
        level: bound ? 'media-bound' : 'announced',
        jid,
        trusted: contact,
        contact,
        unconfirmed: false,
        reasons: only(compared && (bound ? 'media-bound' : 'media-relayed'), how, !contact && 'not-a-contact'),
    };
}

/** Who lists the address; several identify nobody, unless one of them is singled out (PROTOCOL.md 8.6). */
function whoLists({ dialled, named, listers, isContact }: Evidence): { listed: string | null; listers: string[] } {
    const own = (jid: string): boolean => OWN_WORD.some((source) => listers.get(jid)?.includes(source));
    const all = [...listers.keys()].filter((jid) => own(jid) || isContact(jid));
    const sure = all.filter(own);
    const [sole = null, another] = sure.length > 0 ? sure : all;
    const singled = named !== null && all.includes(named) ? named : null;
    return { listed: dialled ?? (another === undefined ? sole : singled), listers: all };
}

function unannounced(evidence: Evidence, listed: string | null, listers: readonly string[]): Identity {
    const { named, dialled, from, overdue, isContact } = evidence;
    const jid = listed ?? named;
    const contact = jid !== null && isContact(jid);
    if (listed === null) {
        const reasons = only(named !== null && 'says-so', listers.length > 1 && 'several-list-address');
        return reasons.length === 0 ? NOBODY : { ...NOBODY, level: 'claimed', jid, contact, reasons };
    }
    const word = OWN_WORD.find((source) => evidence.listers.get(listed)?.includes(source));
    const unconfirmed = overdue && from !== 'dialled';
    return {
        level: 'listed',
        jid,
        trusted: from === 'dialled' || from === 'trusted',
        contact,
        unconfirmed,
        reasons: only(
            unconfirmed && 'not-confirmed',
            listed === dialled ? 'dialled' : (word ?? 'address-listed'),
            from === 'asserted' && 'asserted-only',
            from === 'untrusted' && 'domain-not-trusted',
            named !== null && named !== listed && 'someone-else-claimed',
            !contact && 'not-a-contact',
        ),
    };
}

const only = (...reasons: readonly (IdentityReason | false)[]): IdentityReason[] =>
    reasons.filter((reason) => reason !== false);
