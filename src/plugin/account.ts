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
    readonly connect: (account: SipAccount) => void;
    readonly onRegistration: (registration: Registration) => void;
}

/** The account of one login. */
export interface Account {
    /** Gets the account and registers with it; without one the person is asked. */
    start(): Promise<void>;
    /** What the person typed into the form. */
    readonly signIn: (credentials: { readonly username: string; readonly password: string }) => void;
    /** Forgets what was kept, and unregisters. */
    signOut(): Promise<void>;
    /** Takes in what the sidecar says about the account. */
    handle(event: SidecarEvent): void;
    /** Ends every timer and forgets the account; says nothing to the server. */
    end(): void;
}

/** Begins. */
export function createAccount(needs: AccountNeeds): Account {
    const { clock, command, connect, jid, onRegistration, settings, sipDomain, store, telephone } = needs;
    const asks = settings.credentials === 'ask';
    let account: SipAccount | null = null;
    let callOff: (() => void) | undefined;
    let attempt = 0;
    /** Whether the server has accepted the account since it was fetched: only then a refusal is worth another fetch. */
    let accepted = false;
    /** The server refuses what it accepted before: there is no account that is of use until another is fetched. */
    let outdated = false;
    /** Counts starts and ends, so that a late answer to an earlier question is dropped. */
    let turn = 0;

    const use = (used: SipAccount): void => {
        const { uri, username, displayName } = used;
        outdated = false;
        account = used;
        telephone.account.set({ uri, username, displayName });
        connect(used);
    };

    const refused = (status: number | null): void =>
        onRegistration({ state: 'refused', refusal: 'credentials', status });

    const later = (milliseconds: number): void => {
        callOff?.();
        callOff = clock.after(milliseconds, () => void ask());
    };

    const ask = async (): Promise<void> => {
        const mine = turn;
        try {
            const { account: fetched, expires } = await askSite(settings.credentials, jid, sipDomain);
            if (mine !== turn) return;
            attempt = 0;
            use(fetched);
            if (expires === null) return;
            const left = expires - clock.now();
            // What has expired before it came speaks of a clock that is wrong.
            later(left > 0 ? Math.min(LONGEST, Math.max(FIRST_WAIT, left / 2, left - MARGIN)) : MARGIN);
        } catch (error) {
            if (mine !== turn) return;
            const { code, message, status, retryAfter } = error as CredentialsError;
            if (attempt === 0) notice(code, message);
            // What is registered stays so: only the next credentials are missing.
            const none = account === null || outdated;
            if (retryAfter !== null) {
                const wait = Math.max(
                    Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt++) * (1 + clock.random() / 4),
                    Math.min(LONGEST_WAIT, retryAfter * 1000),
                );
                later(wait);
                if (none) onRegistration({ state: 'offline', attempt, retryAt: clock.now() + wait });
            } else if (none) refused(status);
        }
    };

    const begin = (): Promise<void> => {
        onRegistration({ state: 'connecting', attempt: 1 });
        return ask();
    };

    const end = (): void => {
        turn++;
        callOff?.();
        attempt = 0;
        accepted = outdated = false;
        account = null;
        telephone.account.set(null);
    };

    return {
        async start() {
            end();
            const mine = turn;
            if (!asks) return begin();
            const kept = await keptAccount(store);
            if (mine !== turn) return;
            if (kept) use(kept);
            else onRegistration({ state: 'needs-credentials' });
        },

        signIn({ username, password }) {
            const named = accountFor(username, sipDomain);
            end();
            if (named && password) use({ ...named, displayName: '', password });
            else refused(null);
        },

        async signOut() {
            end();
            command({ type: 'disconnect' });
            onRegistration({ state: asks ? 'needs-credentials' : 'off' });
            await store.set('credentials', null);
        },

        handle(event) {
            if (account === null) return;
            if (event.type === 'credentials-accepted') {
                accepted = true;
                if (asks) void keepAccount(store, account, event.ha1);
            } else if (event.type === 'registration') {
                const { registration } = event;
                if (isRegistered(registration)) accepted = true;
                const outright = registration.state === 'refused' && registration.refusal === 'credentials';
                if (outright && !asks && accepted) {
                    // They were good once: a password may have been changed or a token have run out. Once, no loop.
                    accepted = false;
                    outdated = true;
                    void begin();
                    return;
                }
                onRegistration(registration);
                // What was kept is no good any more; the form says why it is there again.
                if (outright && asks) void store.set('credentials', null);
            }
        },

        end,
    };
}
