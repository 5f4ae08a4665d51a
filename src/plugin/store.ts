/**
 * What is kept between pages, by account: in Converse's own stores, so that the person's answer to "this is a trusted device"
 * and the site's `persistent_store` hold for it too.
 */
import type { Converse, Storage } from './converse.js';

/** Everything that is ever kept. */
export type Kept =
    /** The SIP instance id. */
    | 'instance'
    /** User name and HA1 values, on a trusted device only. */
    | 'credentials'
    /** The chosen devices. */
    | 'devices'
    /** Whether the own address is shared, and whether the notice about it was read. */
    | 'share'
    | 'noticed'
    /** Whether calls are refused without ringing. */
    | 'do-not-ring'
    /** The address this device has published. */
    | 'published'
    /** Set while this device has published an activity. */
    | 'activity'
    /** Which addresses were dialled, see `consent.ts`. */
    | 'dialled'
    /** The threads of conversations, see `threads.ts`. */
    | 'threads'
    /** Calls with nobody who has a conversation. */
    | 'other-calls'
    /** Until when calls were read from the archive, see `call-history.ts`. */
    | 'seen'
    /** What the person says about addresses, see `contact-addresses.ts`. */
    | 'addresses'
    /** Whose client announced a call before, see `verification.ts`. */
    | 'announcers'
    /** The addresses of those who are blocked, see `contacts.ts`. */
    | 'blocked';

/** A store that cannot be read or written (full, or switched off in this browser) is one that holds nothing. */
export class Store {
    /** False where what is there may be somebody else's by now. */
    mayKeep = true;
    private readonly prefix: string;

    /** @param jid bare */
    constructor(
        private readonly converse: Converse,
        jid: string,
    ) {
        this.prefix = `converse-sip/${jid}/`;
    }

    /** Whether the person said that this device may keep things. */
    get trusted(): boolean {
        return this.converse.state.config.get('trusted') === true;
    }

    async get(name: Kept): Promise<unknown> {
        return (await this.use((storage) => storage.getItem(this.prefix + name))) ?? null;
    }

    /** What is kept as a list. */
    async list(name: Kept): Promise<readonly unknown[]> {
        const kept = await this.get(name);
        return Array.isArray(kept) ? (kept as unknown[]) : [];
    }

    /** @param value null: nothing any more */
    async set(name: Kept, value: unknown): Promise<void> {
        if (this.mayKeep) await this.use((storage) => storage.setItem(this.prefix + name, value));
    }

    /** Forgets everything: logged out of a device that keeps nothing. */
    async clear(): Promise<void> {
        await this.use(async (storage) => {
            const own = (await storage.keys()).filter((key) => key.startsWith(this.prefix));
            await Promise.all(own.map((key) => storage.removeItem(key)));
        });
    }

    private async use(task: (storage: Storage) => Promise<unknown>): Promise<unknown> {
        const { persistent, session } = this.converse.storage;
        const storage = this.trusted ? (persistent ?? session) : session;
        return storage && task(storage).catch(() => null);
    }
}
