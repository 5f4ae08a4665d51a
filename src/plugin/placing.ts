/** Whether and where somebody can be called, and a call placed there: found, asked about where it has to be, dialled. */
import { isRegistered, type Registration, type SidecarCommand } from '../sip-sidecar/contract/index.js';
import { t } from '../i18n/index.js';
import type { AddressBook } from './address-book/book.js';
import type { Published } from './address-book/published.js';
import type { Clock } from './clock.js';
import type { Consent } from './consent.js';
import type { Contacts } from './contacts.js';
import { chooseWay, converseDial } from './converse-calls.js';
import type { Host } from './converse.js';
import { waitFor } from './first-presence.js';
import { bareJid } from './jid.js';
import { isUp, type NotReachable, type Phone, type Placed, type Reach } from './phone.js';
import type { Settings } from './settings.js';
import type { Switchboard } from './switchboard.js';
import { findTarget } from './target.js';

/** What this needs. */
export interface PlacingNeeds {
    readonly host: Host;
    readonly settings: Pick<Settings, 'callsBy' | 'video'>;
    readonly telephone: Pick<Phone, 'registration' | 'person'>;
    readonly sipDomain: string;
    readonly book: AddressBook;
    readonly contacts: Contacts;
    readonly consent: Consent;
    /** Asks a contact's server for what it publishes, unless that was done lately. */
    readonly published: Pick<Published, 'ask'>;
    readonly switchboard: Switchboard;
    readonly clock: Clock;
    readonly command: (command: SidecarCommand) => void;
}

/** How long a call waits for the registration to come from another tab (ms). */
const TAKE_OVER_WITHIN = 5_000;

/** Why nobody at all can be called with this registration; null: calls can be placed. */
export function problemOf(registration: Registration): NotReachable | null {
    return isRegistered(registration) ? null : registration.state;
}

/** Places calls. */
export function createPlacing({
    book,
    clock,
    command,
    consent,
    contacts,
    host,
    published,
    settings,
    sipDomain,
    switchboard,
    telephone,
}: PlacingNeeds) {
    /** Converse's own way to call somebody, where there is one and it is wanted. */
    function dial(): ReturnType<typeof converseDial> {
        return converseDial(host.api, settings.callsBy);
    }

    /** A call is up, in whichever tab. */
    function busy(): 'in-a-call' | null {
        return switchboard.calls.all().some(isUp) ? 'in-a-call' : null;
    }

    /** Why nobody can be called; a registration in another tab comes here where it is wanted. */
    function offline(): NotReachable | null {
        const problem = problemOf(telephone.registration.get());
        return problem === 'elsewhere' ? null : problem;
    }

    /** Whether and where a person can be called. @param jid bare */
    function reach(jid: string): Reach {
        const addresses = book.addressesOf(jid);
        const none = addresses.length === 0 ? 'no-address' : null;
        const sip = dial() ? null : (offline() ?? none);
        return {
            addresses,
            problem: sip ?? (switchboard.ringing(jid) ? null : busy()),
            availability: book.availabilityOf(jid),
            video: settings.video && addresses[0]?.video !== false,
        };
    }

    /** See {@link Phone.call}. */
    async function call(target: string, { video, jid, ask = false }: Parameters<Phone['call']>[1]): Promise<Placed> {
        const { registration } = telephone;
        const no = (problem: NotReachable | 'cancelled'): Placed => ({ ok: false, problem });
        const wanted = video && settings.video;
        const person = bareJid(target) ?? '';
        const isContact = contacts.isContact(person);
        const rings = switchboard.ringing(person);
        if (rings) {
            switchboard.answer(rings.id, wanted, false);
            return { ok: true, callId: rings.id };
        }
        const own = dial();
        // No conversation need have been opened, which asks for it.
        if (!own && isContact && book.addressesOf(person).length === 0) await published.ask(person);
        const found = findTarget(target, book, sipDomain, jid);
        const problem = offline() ?? busy();
        if (own && isContact && !busy()) {
            const name = telephone.person(person)?.name ?? person;
            const way = found.ok && !problem ? await chooseWay(host.api, settings.callsBy, name) : 'xmpp';
            if (way === 'xmpp') own(person, { video });
            // Converse shows what becomes of it.
            if (way !== 'sip') return no('cancelled');
        }
        if (problem) return no(problem);
        if (!found.ok) return found;
        const { uri, jid: whose } = found;
        const question = consent.question(uri, whose, ask ? 'message' : found.word);
        // Where there is nothing to ask with (headless) the site has to.
        const { confirm } = host.api;
        if (question && confirm) {
            const text = t(`ask.${question}`, { name: whose ?? uri });
            if (!(await confirm(t('ask.title', { address: uri }), [text]))) return no('cancelled');
        }
        if (registration.get().state === 'elsewhere') {
            command({ type: 'take-over' });
            await waitFor(registration, isRegistered, clock, TAKE_OVER_WITHIN);
        }
        const since = problemOf(registration.get()) ?? busy();
        if (since) return no(since);
        consent.remember(uri, whose);
        return { ok: true, callId: switchboard.place(uri, wanted && found.video !== false, whose) };
    }

    return {
        reach,
        call,
    };
}

export type Placing = ReturnType<typeof createPlacing>;
