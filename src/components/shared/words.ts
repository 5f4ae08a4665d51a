/** What calls, people and problems are called on the screen. Pure. */
import { formatDuration } from '../../i18n/duration.js';
import { t } from '../../i18n/index.js';
import type { Call, Person } from '../../plugin/phone.js';
import type { CallState, DeviceProblem, EndReason } from '../../sip-sidecar/contract/index.js';

/** The shape beside the words about identity. */
export type IdentityMark = 'none' | 'shield' | 'shield-check' | 'claim' | 'warning';

/** Who is at the other end, in words and shape (UI.md "Identity in words and shape"). */
export interface Party {
    /** The contact's name where we are sure of it, else the address. */
    readonly name: string;
    /** What stands beside the name: the SIP address, or nothing where that is the name. */
    readonly address: string;
    /** How sure we are; empty where a plain name says it. */
    readonly level: string;
    readonly mark: IdentityMark;
    /** What a caller we are not sure of calls itself: small print. */
    readonly claim: string;
    /** The Converse model for the avatar; null: none may be shown. */
    readonly avatar: unknown;
}

/** `sip:bob@example.net` as people write it, without the parameters that only machines need. */
export function shortAddress(address: string): string {
    return address.replace(/^(?:sips?|tel):/u, '').replace(/;.*$/su, '');
}

/** Who is at the other end of a call. `person`: the contact with the JID of the identity, null where it is none. */
export function partyOf(call: Call, person: Person | null): Party {
    const { level, jid, trusted } = call.identity;
    const address = call.address === '' ? '' : shortAddress(call.address);
    const stranger: Party = {
        name: address === '' ? t('identity.unknown') : address,
        address: '',
        level: t('identity.none'),
        mark: 'none',
        claim: call.displayName === '' ? '' : t('identity.calls-itself', { name: call.displayName }),
        avatar: null,
    };
    if (level === 'conflict') {
        const words = person ? t('identity.conflict', { name: person.name }) : t('identity.conflict-nobody');
        return { ...stranger, level: words, mark: 'warning' };
    }
    if (level === 'claimed' && jid === null) return { ...stranger, level: t('identity.several'), mark: 'claim' };
    if (jid === null || level === 'none') return stranger;
    if (level === 'claimed') return { ...stranger, level: t('identity.claimed', { jid }), mark: 'claim' };
    if (level === 'announced' || level === 'media-bound') {
        const known: Party = {
            ...stranger,
            name: person?.name ?? jid,
            address,
            claim: '',
            avatar: person?.model ?? null,
        };
        return person
            ? { ...known, level: t(`identity.${level}`), mark: level === 'announced' ? 'shield' : 'shield-check' }
            : { ...known, level: t('identity.stranger') };
    }
    const stray = person ? '' : t('identity.none');
    if (!trusted) return { ...stranger, level: t('identity.unconfirmed', { name: person?.name ?? jid }) };
    return { ...stranger, name: person?.name ?? jid, address, level: stray, claim: '', avatar: person?.model ?? null };
}

/** What a call is doing. */
export function stateWords(state: CallState, name: string): string {
    switch (state.name) {
        case 'incoming':
            return t('incoming.voice');
        case 'active':
            return state.hold.byUs || state.hold.byThem ? t('state.held') : t('state.active');
        case 'ended':
            return endWords(state.reason, name);
        default:
            return t(`state.${state.name}`);
    }
}

/** Why a call ended. */
export function endWords(reason: EndReason, name: string): string {
    return t(`end.${reason}`, { name });
}

/** Which device is wanting, why, and what to do. */
export function problemWords({ device, problem }: DeviceProblem): string {
    return problem === 'denied' || problem === 'missing' || problem === 'in-use'
        ? t(`problem.${device}.${problem}`)
        : t(`problem.${problem}`);
}

/** The time since a call was answered, or how long it was; empty before the answer. */
export function elapsed(state: CallState, now: number): string {
    if (!('answeredAt' in state) || state.answeredAt === null) return '';
    return formatDuration(((state.name === 'ended' ? state.endedAt : now) - state.answeredAt) / 1000);
}
