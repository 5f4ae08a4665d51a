/**
 * What is kept between pages, by account: in Converse's own stores, so that the person's answer to "this is a trusted device"
 * and the site's `persistent_store` hold for it too.
 */
import type { Converse } from './converse.js';

/** Everything that is ever kept. */
const ALL = [
    /** The SIP instance id. */
    'instance',
    /** User name and HA1 values, on a trusted device only. */
    'credentials',
    /** The chosen devices. */
    'devices',
    /** Whether the own address is shared, and whether the notice about it was read. */
    'share',
    'noticed',
    /** Whether calls are refused without ringing. */
    'do-not-ring',
    /** The address this device has published. */
    'published',
    /** Set while this device has published an activity. */
    'activity',
    /** Which addresses were dialled, see `consent.ts`. */
    'dialled',
    /** The threads of conversations, see `threads.ts`. */
    'threads',
    /** Calls with nobody who has a conversation. */
    'other-calls',
    /** Until when calls were read from the archive, see `call-history.ts`. */
    'seen',
    /** What the person says about addresses, see `contact-addresses.ts`. */
    'addresses',
    /** Whose client announced a call before, see `verification.ts`. */
    'announcers',
    /** The addresses of those who are blocked, see `contacts.ts`. */
    'blocked',
] as const;
export type Kept = (typeof ALL)[number];

/** A store that cannot be read or written is one that holds nothing. */
export class Store {
    /** False where what is there may be somebody else's by now. */
    mayKeep = true;

    constructor(
        private readonly converse: Converse,
        /** Bare. */
        private readonly jid: string,
    ) {}

    /** Whether the person said that this device may keep things. */
    get trusted(): boolean {
        return this.converse.state.config.get('trusted') === true;
    }

    async get(name: Kept): Promise<unknown> {
        try {
            return (await this.storage?.getItem(this.key(name))) ?? null;
        } catch {
            return null;
        }
    }

    /** What is kept as a list. */
    async list(name: Kept): Promise<readonly unknown[]> {
        const kept = await this.get(name);
        return Array.isArray(kept) ? (kept as unknown[]) : [];
    }

    async set(name: Kept, value: unknown): Promise<void> {
        try {
            if (this.mayKeep) await this.storage?.setItem(this.key(name), value);
        } catch {
            // Full, or switched off in this browser: it is asked for again.
        }
    }

    async remove(name: Kept): Promise<void> {
        try {
            await this.storage?.removeItem(this.key(name));
        } catch {
            // As above.
        }
    }

    /** Forgets everything: logged out of a device that keeps nothing. */
    async clear(): Promise<void> {
        await Promise.all(ALL.map((name) => this.remove(name)));
    }

    private get storage() {
        const { persistent, session } = this.converse.storage;
        return this.trusted ? (persistent ?? session) : session;
    }

    private key(name: Kept): string {
        return `converse-sip/${this.jid}/${name}`;
    }
}
