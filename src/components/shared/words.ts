/** What calls, people and problems are called on the screen. Pure. */
import { formatDuration } from '../../i18n/duration.js';
import { t, textLanguage } from '../../i18n/index.js';
import type { Call, Phone, Placed } from '../../plugin/phone.js';
import type { CallState, DeviceProblem, EndReason, Quality, Registration } from '../../sip-sidecar/contract/index.js';

/** The shape beside the words about identity. */
export type IdentityMark = 'none' | 'shield' | 'shield-check' | 'claim' | 'doubt' | 'warning';

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
    /** Why we are so sure, in sentences. */
    readonly reasons: readonly string[];
}

/** `sip:bob@example.net` as people write it, without the parameters that only machines need. */
export function shortAddress(address: string): string {
    return address.replace(/^(?:sips?|tel):/u, '').replace(/;.*$/su, '');
}

/** Whether an address rings one device alone: a GRUU (RFC 5627). */
export function isOneDevice(address: string): boolean {
    return /;gr\b/u.test(address);
}

/** Who is at the other end of a call, with what is known of the contact whose JID it is. */
export function partyOf(
    { address: uri, displayName, identity }: Pick<Call, 'address' | 'displayName' | 'identity'>,
    phone: Pick<Phone, 'person'>,
): Party {
    const { level, jid, inNameOf, trusted, unconfirmed, reasons } = identity;
    const whose = jid ?? inNameOf;
    const person = whose ? phone.person(whose) : null;
    const address = shortAddress(uri);
    // Whoever only claims to be a contact gets nothing of them, not even the name
    const name = (level === 'claimed' || level === 'none' ? null : person?.name) ?? jid ?? '';
    const stranger: Party = {
        name: address === '' ? t('identity.unknown') : address,
        address: '',
        level: t('identity.none'),
        mark: 'none',
        claim: displayName === '' ? '' : t('identity.calls-itself', { name: displayName }),
        avatar: null,
        reasons: reasons.map((reason) => t(`reason.${reason}`, { name, jid: jid ?? '' })),
    };
    if (level === 'conflict') {
        const victim = person?.name ?? inNameOf;
        const words = victim ? t('identity.conflict', { name: victim }) : t('identity.conflict-nobody');
        return { ...stranger, level: words, mark: 'warning' };
    }
    if (level === 'claimed') {
        const words = jid === null ? t('identity.several') : t('identity.claimed', { jid });
        return { ...stranger, level: words, mark: 'claim' };
    }
    if (jid === null || level === 'none') return stranger;
    const doubt = unconfirmed ? t('identity.not-confirmed', { name }) : '';
    if (level === 'listed' && !trusted)
        return { ...stranger, level: doubt || t('identity.unconfirmed', { name }), mark: 'doubt' };
    const known: Party = { ...stranger, name, address, claim: '', avatar: person?.model ?? null };
    if (level === 'listed')
        return { ...known, level: doubt || (person ? '' : t('identity.none')), mark: doubt ? 'doubt' : 'none' };
    if (!identity.contact) return { ...known, level: t('identity.stranger') };
    if (level === 'media-bound') return { ...known, level: t('identity.media-bound'), mark: 'shield-check' };
    const relayed = reasons.includes('media-relayed');
    return { ...known, level: t(relayed ? 'identity.relayed' : 'identity.announced'), mark: 'shield' };
}

/** The address of a call that may be asked who is behind it; empty where that is known, or there is none. */
export function askable({ identity, address }: Call): string {
    return identity.level === 'none' ? address : '';
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
function endWords(reason: EndReason, name: string): string {
    return t(`end.${reason}`, { name });
}

/** How voice and video are, or why the server refused them. */
export function registrationWords(registration: Registration): string {
    return registration.state === 'refused'
        ? t(`settings.refused.${registration.refusal}`)
        : t(`settings.${registration.state}`);
}

/** Why a call could not be placed; empty: it was, or the person did not want it any more. */
export function placeWords(placed: Placed | undefined): string {
    return placed?.ok === false && placed.problem !== 'cancelled' ? t(`reach.${placed.problem}`) : '';
}

/** Which device is wanting, why, and what to do. */
export function problemWords({
    device,
    problem,
}: Omit<DeviceProblem, 'device'> & { readonly device: DeviceProblem['device'] | 'speaker' }): string {
    return problem === 'denied' || problem === 'missing' || problem === 'in-use'
        ? t(`problem.${device}.${problem}`)
        : t(`problem.${problem}`);
}

/** What was measured of a call, line by line. */
export function qualityLines({ loss, jitter, roundTrip, codecs, relayed }: Quality): readonly string[] {
    const percent = new Intl.NumberFormat(textLanguage(), { style: 'percent', maximumFractionDigits: 1 }).format(loss);
    return [
        t('quality.loss', { percent }),
        t('quality.jitter', { ms: Math.round(jitter) }),
        roundTrip !== null && t('quality.round-trip', { ms: Math.round(roundTrip) }),
        codecs.length > 0 && t('quality.codecs', { names: codecs.join(', ') }),
        relayed !== null && t(relayed ? 'quality.relayed' : 'quality.direct'),
    ].filter((line) => line !== false);
}

/** The time since a call was answered, or how long it was; empty before the answer. */
export function elapsed(state: CallState, now: number): string {
    if (!('answeredAt' in state) || state.answeredAt === null) return '';
    return formatDuration(((state.name === 'ended' ? state.endedAt : now) - state.answeredAt) / 1000);
}

const UNITS = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
] as const;

/** How long ago something was, in words: `3 minutes ago`, `now`. @param then ms since the epoch */
export function ago(then: number, now: number): string {
    const seconds = Math.max(0, (now - then) / 1000);
    const [unit, size] = UNITS.find(([, least]) => seconds >= least) ?? ['second', Infinity];
    return new Intl.RelativeTimeFormat(textLanguage(), { numeric: 'auto' }).format(-Math.floor(seconds / size), unit);
}
