/** Whether and where somebody can be called, and a call placed there: found, asked about where it has to be, dialled. */
import { isRegistered, type Registration, type SidecarCommand } from '../sip-sidecar/contract/index.js';
import { t } from '../i18n/index.js';
import type { AddressBook } from './address-book/book.js';
import type { Published } from './address-book/published.js';
import type { Clock } from './clock.js';
import type { Consent, Question } from './consent.js';
import type { Contacts } from './contacts.js';
import { chooseWay, converseDial } from './converse-calls.js';
import type { Host } from './converse.js';
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
export class Placing {
    constructor(private readonly needs: PlacingNeeds) {}

    /** Whether and where a person can be called. @param jid bare */
    reach(jid: string): Reach {
        const { book, settings, switchboard } = this.needs;
        const addresses = book.addressesOf(jid);
        const none = addresses.length === 0 ? 'no-address' : null;
        const sip = this.dial ? null : (this.offline ?? none);
        const busy = this.busy && !switchboard.ringing(jid) ? 'in-a-call' : null;
        return {
            addresses,
            problem: sip ?? busy,
            availability: book.availabilityOf(jid),
            video: settings.video && addresses[0]?.video !== false,
        };
    }

    /** See {@link Phone.call}. */
    async call(target: string, { video, jid, ask = false }: Parameters<Phone['call']>[1]): Promise<Placed> {
        const { book, consent, contacts, host, published, settings, sipDomain, switchboard, telephone } = this.needs;
        const wanted = video && settings.video;
        const person = bareJid(target) ?? '';
        const rings = switchboard.ringing(person);
        if (rings) {
            switchboard.answer(rings.id, wanted, false);
            return { ok: true, callId: rings.id };
        }
        const { dial } = this;
        // No conversation need have been opened, which asks for it.
        if (!dial && contacts.isContact(person) && book.addressesOf(person).length === 0) await published.ask(person);
        const found = findTarget(target, book, sipDomain, jid);
        if (dial && contacts.isContact(person) && !this.busy) {
            const bySip = found.ok && this.problem() === null;
            const name = telephone.person(person)?.name ?? person;
            const way = bySip ? await chooseWay(host.api, settings.callsBy, name) : 'xmpp';
            if (way === 'xmpp') dial(person, { video });
            // Converse shows what becomes of it.
            if (way !== 'sip') return { ok: false, problem: 'cancelled' };
        }
        const problem = this.problem();
        if (problem !== null) return { ok: false, problem };
        if (!found.ok) return found;
        const question = consent.question(found.uri, found.jid, ask ? 'message' : found.word);
        if (question !== null && !(await this.ask(question, found.uri, found.jid))) {
            return { ok: false, problem: 'cancelled' };
        }
        if (telephone.registration.get().state === 'elsewhere' && !(await this.takeOver())) {
            return { ok: false, problem: 'elsewhere' };
        }
        const since = this.problem();
        if (since !== null) return { ok: false, problem: since };
        consent.remember(found.uri, found.jid);
        return { ok: true, callId: switchboard.place(found.uri, wanted && found.video !== false, found.jid) };
    }

    /** Converse's own way to call somebody, where there is one and it is wanted. */
    private get dial(): ReturnType<typeof converseDial> {
        return converseDial(this.needs.host.api, this.needs.settings.callsBy);
    }

    /** Why no call can be placed now, whoever is meant. */
    private problem(): NotReachable | null {
        return this.offline ?? (this.busy ? 'in-a-call' : null);
    }

    /** A call is up, in whichever tab. */
    private get busy(): boolean {
        return this.needs.switchboard.calls.all.some(isUp);
    }

    /** Why nobody can be called; a registration in another tab comes here where it is wanted. */
    private get offline(): NotReachable | null {
        const problem = problemOf(this.needs.telephone.registration.get());
        return problem === 'elsewhere' ? null : problem;
    }

    /** Gets the registration from the tab that has it. @returns false: in vain */
    private takeOver(): Promise<boolean> {
        const { clock, command, telephone } = this.needs;
        return new Promise((resolve) => {
            const end = (registered: boolean): void => {
                unsubscribe();
                cancel();
                resolve(registered);
            };
            const unsubscribe = telephone.registration.subscribe((now) => {
                if (isRegistered(now)) end(true);
            });
            const cancel = clock.after(TAKE_OVER_WITHIN, () => end(false));
            command({ type: 'take-over' });
        });
    }

    /** Asks before something is dialled. Where there is nothing to ask with (headless) the site has to. */
    private async ask(question: Question, uri: string, jid: string | null): Promise<boolean> {
        const { confirm } = this.needs.host.api;
        if (!confirm) return true;
        const name = jid ?? uri;
        return Boolean(await confirm(t('ask.title', { address: uri }), [t(`ask.${question}`, { name })]));
    }
}
