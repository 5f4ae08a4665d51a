/** From login to logout, again and again: loads the session, and keeps for it what comes before it is there. */
import type { Clock } from './clock.js';
import { guard, type Host, type StanzaBuilder } from './converse.js';
import { bareJid } from './jid.js';
import { notice } from './notices.js';
import type { Session } from './session.js';
import { PROFILE } from './stanzas/namespaces.js';

/** Stanzas that come before the session is loaded wait for it; this many at most. */
const MAX_WAITING = 5_000;

/** How long until a part that could not be loaded is asked for again (ms). */
const RELOAD_AFTER = 15_000;

/** One login, until its session is there. */
interface Login {
    readonly waiting: Element[];
    rosterReady: boolean;
    presenceWas: boolean;
}

/** What is told of Converse's connection, and asked about the session of now. */
export interface Logins {
    readonly session: () => Session | null;
    /** Until then contacts are not told that the person is there. */
    readonly mayBePresent: () => unknown;
    readonly connected: () => Promise<void>;
    readonly reconnected: () => Promise<void>;
    readonly rosterReady: () => void;
    readonly onOwnPresence: (stanza: StanzaBuilder) => void;
    readonly end: () => Promise<void>;
    /**
     * Chat is over, and a device that keeps nothing forgets. Where Converse gave up and nobody logged out, a call goes on,
     * until it ends or somebody else logs in.
     */
    readonly clear: () => Promise<void>;
}

/** @param registered resolves when contacts may be told of the person: `sip_wait_for_registration` */
export function followLogins(
    { _converse, api, env }: Host,
    clock: Clock,
    load: () => Promise<Session>,
    registered: () => Promise<void> | undefined,
): Logins {
    let session: Session | null = null;
    /** The one that was there before logout, which may have to forget what it kept. */
    let last: Session | null = null;
    let login: Login | null = null;
    let mayBePresent: Promise<void> | undefined;

    const resumed = (): boolean => api.connection.get().hasResumed();

    const listen = (): void => {
        const connection = api.connection.get();
        const take = guard('stanza', (stanza: Element) => {
            if (session) session.onStanza(stanza);
            else if (login && login.waiting.length < MAX_WAITING) login.waiting.push(stanza);
        });
        const handler = (stanza: Element): boolean => {
            take(stanza);
            return true;
        };
        connection.addHandler(handler, null, 'presence');
        connection.addHandler(handler, null, 'message');
        connection.addHandler(handler, PROFILE, 'iq', 'get');
    };

    /** Tries until it is there or the person is gone; null then. */
    const loadFor = async (whom: Login): Promise<Session | null> => {
        for (let first = true; login === whom; first = false) {
            try {
                const loaded = await load();
                if (login === whom) return loaded;
            } catch {
                if (first) notice('SIP-301', 'session');
                await new Promise<void>((resolve) => clock.after(RELOAD_AFTER, resolve));
            }
        }
        return null;
    };

    const connected = async (): Promise<void> => {
        // The same person is back, and a call has gone on.
        const goesOn = login === null && session?.jid === bareJid(_converse.session.get('bare_jid'));
        if (!goesOn) await end();
        const mine = (login = { waiting: [], rosterReady: false, presenceWas: false } as Login);
        if (goesOn) return reconnected();
        mayBePresent = registered();
        listen();
        const resumes = resumed();
        const loaded = await loadFor(mine);
        if (loaded === null) return;
        session = last = loaded;
        for (const stanza of mine.waiting) loaded.onStanza(stanza);
        await loaded.start(resumes, mine.presenceWas);
        if (mine.rosterReady) loaded.rosterReady();
    };

    const reconnected = async (): Promise<void> => {
        // An anonymous login is another one after each reconnection, and Converse says only this.
        if (login === null) return connected();
        // Handlers are gone with the old stream.
        listen();
        session?.streamStarted(resumed());
    };

    const end = async (): Promise<void> => {
        const ended = session;
        session = login = null;
        await ended?.stop();
    };

    return {
        session: () => session,
        mayBePresent: () => mayBePresent,
        connected,
        reconnected,
        rosterReady() {
            if (login) login.rosterReady = true;
            session?.rosterReady();
        },
        onOwnPresence(stanza) {
            if (session) session.addPresence(stanza);
            else if (login) login.presenceWas = true;
        },
        end,
        async clear() {
            const current = session;
            const before = last;
            const forgets = env.u.shouldClearCache(_converse);
            const over = (): void => {
                if (login === null && session === current) void end();
            };
            login = null;
            if (!current?.outlivesChat(over, !forgets)) {
                last = null;
                await end();
            }
            if (forgets) await before?.clear();
        },
    };
}
