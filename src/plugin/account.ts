/**
 * Who we are to the SIP server: gets the account from where the site says, hands it to the sidecar, fetches it again in time,
 * and says how things stand in one {@link Registration}.
 */
import { isRegistered, type Registration, type SidecarEvent, type SipAccount } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import { accountFor, askSite, keepAccount, keptAccount, type CredentialsError } from './credentials.js';
import { notice } from './notices.js';
import type { Settings } from './settings.js';
import type { Store } from './store.js';
import type { Telephone } from './telephone.js';

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
    readonly settings: Pick<Settings, 'credentials'>;
    readonly store: Store;
    readonly clock: Clock;
    /** Shows the account in use; null: signed out. */
    readonly telephone: Pick<Telephone, 'account'>;
    readonly command: (command: { readonly type: 'disconnect' }) => void;
    /** Registers with this account, or goes on with it where it is the same person. */
    connect(account: SipAccount): void;
    onRegistration(registration: Registration): void;
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
        const { needs } = this;
        this.end();
        const { turn } = this;
        if (needs.settings.credentials !== 'ask') {
            await this.begin();
            return;
        }
        const kept = await keptAccount(needs.store);
        if (turn !== this.turn) return;
        if (kept === null) needs.onRegistration({ state: 'needs-credentials' });
        else this.use(kept);
    }

    /** What the person typed into the form. */
    signIn({ username, password }: { readonly username: string; readonly password: string }): void {
        const named = accountFor(username, this.needs.sipDomain);
        this.end();
        if (named && password) this.use({ ...named, displayName: '', password });
        else this.refused(null);
    }

    /** Forgets what was kept, and unregisters. */
    async signOut(): Promise<void> {
        const { needs } = this;
        this.end();
        needs.command({ type: 'disconnect' });
        needs.onRegistration({ state: needs.settings.credentials === 'ask' ? 'needs-credentials' : 'off' });
        await needs.store.remove('credentials');
    }

    /** Takes in what the sidecar says about the account. */
    handle(event: SidecarEvent): void {
        const { account, needs } = this;
        if (account === null) return;
        const asks = needs.settings.credentials === 'ask';
        if (event.type === 'credentials-accepted') {
            this.accepted = true;
            if (asks) void keepAccount(needs.store, account, event.ha1);
        } else if (event.type === 'registration') {
            const { registration } = event;
            if (isRegistered(registration)) this.accepted = true;
            const refused = registration.state === 'refused' && registration.refusal === 'credentials';
            if (refused && !asks && this.accepted) {
                // They were good once: a password may have been changed or a token have run out. Once, no loop.
                this.accepted = false;
                this.outdated = true;
                void this.begin();
                return;
            }
            needs.onRegistration(registration);
            // What was kept is no good any more; the form says why it is there again.
            if (refused && asks) void needs.store.remove('credentials');
        }
    }

    /** Ends every timer and forgets the account; says nothing to the server. */
    end(): void {
        this.turn++;
        this.timer?.();
        this.attempt = 0;
        this.accepted = this.outdated = false;
        this.account = null;
        this.needs.telephone.account.set(null);
    }

    private use(account: SipAccount): void {
        const { uri, username, displayName } = account;
        this.outdated = false;
        this.account = account;
        this.needs.telephone.account.set({ uri, username, displayName });
        this.needs.connect(account);
    }

    private refused(status: number | null): void {
        this.needs.onRegistration({ state: 'refused', refusal: 'credentials', status });
    }

    private begin(): Promise<void> {
        this.needs.onRegistration({ state: 'connecting', attempt: 1 });
        return this.fetch();
    }

    private async fetch(): Promise<void> {
        const { needs, turn } = this;
        const { clock, jid, settings, sipDomain } = needs;
        try {
            const { account, expires } = await askSite(settings.credentials, jid, sipDomain);
            if (turn !== this.turn) return;
            this.attempt = 0;
            this.use(account);
            if (expires === null) return;
            const left = expires - clock.now();
            // What has expired before it came speaks of a clock that is wrong.
            this.later(left > 0 ? Math.min(LONGEST, Math.max(FIRST_WAIT, left / 2, left - MARGIN)) : MARGIN);
        } catch (error) {
            if (turn !== this.turn) return;
            const { reason, message, status, retryAfter } = error as CredentialsError;
            if (this.attempt === 0) notice(reason === 'unusable' ? 'SIP-105' : 'SIP-104', message);
            // What is registered stays so: only the next credentials are missing.
            const none = this.account === null || this.outdated;
            if (reason === 'unreachable') {
                const wait = Math.max(
                    Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.attempt++) * (1 + clock.random() / 4),
                    Math.min(LONGEST_WAIT, retryAfter * 1000),
                );
                this.later(wait);
                if (none)
                    needs.onRegistration({ state: 'offline', attempt: this.attempt, retryAt: clock.now() + wait });
            } else if (none) this.refused(status);
        }
    }

    private later(milliseconds: number): void {
        this.timer?.();
        this.timer = this.needs.clock.after(milliseconds, () => void this.fetch());
    }
}
