/**
 * Who is at the other end of a call, and how sure we are (PROTOCOL.md 8.8): one pure function from everything that is known
 * to one JID with its level. What is known only ever grows, and its order means nothing.
 */
import { parseSipAddress, type Direction } from '../sip-sidecar/contract/index.js';
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
    readonly theirs: readonly string[];
    /** Our own. */
    readonly ours: readonly string[];
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

/** Sources whose word needs no roster, and counts against several contacts that list the same address. */
const OWN_WORD = ['typed', 'phonebook'] as const;

/** What the From of a call is worth. @param asserted it stands in P-Asserted-Identity only */
export function worthOf(from: string, asserted: boolean, trustedDomains: readonly string[]): Evidence['from'] {
    const host = parseSipAddress(from)?.host.replace(/\.$/u, '') ?? '';
    return asserted ? 'asserted' : trustedDomains.includes(host) ? 'trusted' : 'untrusted';
}

/** The one JID, and its level. */
export function identify(evidence: Evidence): Identity {
    const { named, witnesses } = evidence;
    const { listed, listers } = whoLists(evidence);
    const sipNames = (jid: string): boolean => jid === named || jid === listed || listers.includes(jid);
    const announcers = [...witnesses.keys()];
    // A stranger who knows a Call-ID must not be able to spoil a good call.
    const confirmed = announcers.filter(sipNames);
    const [first, second] = confirmed.length > 0 ? confirmed : announcers;
    if (first === undefined) return unannounced(evidence, listed, listers);
    const victim = listed ?? named;
    if (second !== undefined) return conflict('someone-else-announced', victim);
    if ((listed ?? first) !== first) return conflict('someone-else-announced', victim);
    if ((named ?? first) !== first)
        return conflict(first === listed ? 'someone-else-claimed' : 'someone-else-announced', victim);
    return announced(evidence, first, witnesses.get(first));
}

/** Who lists the address; several identify nobody, unless one of them is singled out (PROTOCOL.md 8.6). */
function whoLists({ dialled, named, listers, isContact }: Evidence): { listed: string | null; listers: string[] } {
    const own = (jid: string): boolean => OWN_WORD.some((source) => listers.get(jid)?.includes(source));
    const all = [...listers.keys()].filter((jid) => own(jid) || isContact(jid));
    const sure = all.filter(own);
    const [only, another] = sure.length > 0 ? sure : all;
    const singled = named !== null && all.includes(named) ? named : null;
    return { listed: dialled ?? (another === undefined ? (only ?? null) : singled), listers: all };
}

function announced(evidence: Evidence, jid: string, witness: Witness | undefined): Identity {
    const { how, theirs, ours } = witness ?? { how: 'announced', theirs: [], ours: [] };
    const contact = evidence.isContact(jid);
    const compared = theirs.length > 0 && evidence.theirs.length > 0;
    const bound =
        compared &&
        areAnnounced(evidence.theirs, theirs) &&
        (evidence.direction === 'incoming' || areAnnounced(evidence.ours, ours));
    const reasons: IdentityReason[] = [how];
    if (compared) reasons.unshift(bound ? 'media-bound' : 'media-relayed');
    if (!contact) reasons.push('not-a-contact');
    return { level: bound ? 'media-bound' : 'announced', jid, trusted: contact, contact, unconfirmed: false, reasons };
}

function unannounced(evidence: Evidence, listed: string | null, listers: readonly string[]): Identity {
    const { named, dialled, from, overdue, isContact } = evidence;
    if (listed === null) {
        const reasons: IdentityReason[] = [];
        if (named !== null) reasons.push('says-so');
        if (listers.length > 1) reasons.push('several-list-address');
        if (reasons.length === 0) return NOBODY;
        return { ...NOBODY, level: 'claimed', jid: named, contact: named !== null && isContact(named), reasons };
    }
    const contact = isContact(listed);
    const sources = evidence.listers.get(listed) ?? [];
    const unconfirmed = overdue && from !== 'dialled';
    const reasons: IdentityReason[] = [];
    if (unconfirmed) reasons.push('not-confirmed');
    if (listed === dialled) reasons.push('dialled');
    else reasons.push(OWN_WORD.find((source) => sources.includes(source)) ?? 'address-listed');
    if (from === 'asserted') reasons.push('asserted-only');
    if (from === 'untrusted') reasons.push('domain-not-trusted');
    if (named !== null && named !== listed) reasons.push('someone-else-claimed');
    if (!contact) reasons.push('not-a-contact');
    return {
        level: 'listed',
        jid: listed,
        trusted: from === 'dialled' || from === 'trusted',
        contact,
        unconfirmed,
        reasons,
    };
}

const conflict = (reason: IdentityReason, inNameOf: string | null): Identity => ({
    ...NOBODY,
    level: 'conflict',
    inNameOf,
    reasons: [reason],
});
