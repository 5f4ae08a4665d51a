/**
 * Who we are to the SIP server: gets the account from where the site says, hands it to the sidecar, fetches it again in time,
 * and says how things stand in one {@link Registration}.
 */
import { isRegistered, type Registration, type SidecarEvent, type SipAccount } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import {
    accountFor,
    callCredentials,
    CredentialsError,
    fetchCredentials,
    keepAccount,
    keptAccount,
    type Fetched,
} from './credentials.js';
import { notice } from './notices.js';
import type { Settings } from './settings.js';
import type { Store } from './store.js';

/** Credentials are fetched again this long before they expire; those that live less than twice as long, at half time (ms). */
const MARGIN = 60_000;
/** After an endpoint could not be reached: the first wait, doubled up to the longest (ms). */
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 5 * 60_000;
/** Timers take no more than 31 bits (ms). */
const LONGEST = 24 * 60 * 60 * 1000;

/** What this needs. */
export interface AccountNeeds {
    /** The own bare JID. */
    readonly jid: string;
    readonly sipDomain: string;
    readonly credentials: Settings['credentials'];
    readonly store: Store;
    readonly clock: Clock;
    /** Registers with this account, or goes on with it where it is the same person. */
    readonly connect: (account: SipAccount) => void;
    readonly disconnect: () => void;
    readonly registration: (registration: Registration) => void;
    /** The account in use; null: signed out. */
    readonly changed: (account: SipAccount | null) => void;
}

/** The account of one login. */
export class Account {
    private account: SipAccount | null = null;
    private timer: (() => void) | null = null;
    private attempt = 0;
    /** Whether the server has accepted the account since it was fetched: only then a refusal is worth another fetch. */
    private accepted = false;
    /** The server refuses what it accepted before: there is no account that is of use until another is fetched. */
    private outdated = false;
    /** Counts starts and ends, so that a late answer to an earlier question is dropped. */
    private turn = 0;

    constructor(private readonly needs: AccountNeeds) {}

    /** Gets the account and registers with it; without one the person is asked. */
    async start(): Promise<void> {
        const { credentials, registration, store } = this.needs;
        this.end();
        const turn = this.turn;
        if (credentials !== 'ask') {
            registration({ state: 'connecting', attempt: 1 });
            await this.fetch();
            return;
        }
        const kept = await keptAccount(store);
        if (turn !== this.turn) return;
        if (kept === null) registration({ state: 'needs-credentials' });
        else this.use(kept);
    }

    /** What the person typed into the form. */
    signIn(typed: { readonly username: string; readonly password: string }): void {
        const named = accountFor(typed.username, this.needs.sipDomain);
        this.end();
        if (named === null || typed.password === '') {
            this.needs.registration({ state: 'refused', refusal: 'credentials', status: null });
            return;
        }
        this.use({ ...named, displayName: '', password: typed.password });
    }

    /** Forgets what was kept, and unregisters. */
    async signOut(): Promise<void> {
        const { credentials, disconnect, registration, store } = this.needs;
        this.end();
        disconnect();
        registration({ state: credentials === 'ask' ? 'needs-credentials' : 'off' });
        await store.remove('credentials');
    }

    /** Takes in what the sidecar says about the account. */
    handle(event: SidecarEvent): void {
        if (this.account === null) return;
        if (event.type === 'credentials-accepted') {
            this.accepted = true;
            if (this.needs.credentials === 'ask') void keepAccount(this.needs.store, this.account, event.ha1);
        } else if (event.type === 'registration') {
            this.onRegistration(event.registration);
        }
    }

    /** Ends every timer and forgets the account; says nothing to the server. */
    end(): void {
        this.turn++;
        this.timer?.();
        this.timer = null;
        this.attempt = 0;
        this.accepted = this.outdated = false;
        if (this.account === null) return;
        this.account = null;
        this.needs.changed(null);
    }

    private onRegistration(registration: Registration): void {
        const { credentials, store } = this.needs;
        if (isRegistered(registration)) this.accepted = true;
        const refused = registration.state === 'refused' && registration.refusal === 'credentials';
        if (refused && credentials !== 'ask' && this.accepted) {
            // They were good once: a password may have been changed or a token have run out. Once, no loop.
            this.accepted = false;
            this.outdated = true;
            this.needs.registration({ state: 'connecting', attempt: 1 });
            void this.fetch();
            return;
        }
        this.needs.registration(registration);
        // What was kept is no good any more; the form says why it is there again.
        if (refused && credentials === 'ask') void store.remove('credentials');
    }

    private use(account: SipAccount): void {
        this.outdated = false;
        this.account = account;
        this.needs.changed(account);
        this.needs.connect(account);
    }

    private async fetch(): Promise<void> {
        const { clock, credentials, jid, registration, sipDomain } = this.needs;
        if (credentials === 'ask') return;
        const turn = this.turn;
        try {
            const fetched: Fetched =
                typeof credentials === 'function'
                    ? await callCredentials(credentials, jid, sipDomain)
                    : await fetchCredentials(credentials, jid, sipDomain);
            if (turn !== this.turn) return;
            this.attempt = 0;
            this.use(fetched.account);
            if (fetched.expires === null) return;
            const left = fetched.expires - clock.now();
            // What has expired before it came speaks of a clock that is wrong.
            this.later(left > 0 ? Math.min(LONGEST, Math.max(FIRST_WAIT, left / 2, left - MARGIN)) : MARGIN);
        } catch (error) {
            if (turn !== this.turn || !(error instanceof CredentialsError)) return;
            const { reason, message, status, retryAfter } = error;
            if (this.attempt === 0) notice(reason === 'unusable' ? 'SIP-105' : 'SIP-104', message);
            // What is registered stays so: only the next credentials are missing.
            const none = this.account === null || this.outdated;
            if (reason === 'unreachable') {
                const wait = Math.max(
                    Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.attempt++) * (1 + clock.random() / 4),
                    Math.min(LONGEST_WAIT, retryAfter * 1000),
                );
                this.later(wait);
                if (none) registration({ state: 'offline', attempt: this.attempt, retryAt: clock.now() + wait });
            } else if (none) {
                registration({ state: 'refused', refusal: 'credentials', status });
            }
        }
    }

    private later(milliseconds: number): void {
        this.timer?.();
        this.timer = this.needs.clock.after(milliseconds, () => void this.fetch());
    }
}
