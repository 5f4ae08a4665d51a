/**
 * Conversation threads (XEP-0201): Converse sends none, so every conversation with one person gets one here; where the other
 * side has one, that is taken. By JID and in an own store, because Converse destroys a chat's model when the chat is closed.
 */
import { uuid } from '../sip-sidecar/contract/index.js';
import { isLike } from '../sip-sidecar/contract/shape.js';
import { identifier } from './stanzas/identifier.js';
import type { Store } from './store.js';

/** So many conversations are remembered, those last changed. */
const MOST = 500;

/** Of strangers who wrote and have no answer, so many: they must not push out those of others. */
const MOST_GUESTS = 50;

/** Of one conversation, so many threads: two who write first at the same time begin with two. */
const OF_ONE = 4;

/**
 * The threads of all conversations. JIDs are bare.
 * @param changed is told when a conversation goes on in another thread
 */
export function createThreads(store: Store, changed: (jid: string) => void) {
    /** The newest thread first; the conversation last changed last. */
    let known = new Map<string, readonly string[]>();
    /** The threads in which strangers wrote, until they are answered. */
    const guests = new Map<string, string>();

    async function load(): Promise<void> {
        const kept = await store.list('threads');
        const read = kept.flatMap((entry): [string, string[]][] => {
            const [jid, ...threads] = isLike(entry, ['']) ? entry : [];
            return jid === undefined || threads.length === 0 ? [] : [[jid, threads.slice(0, OF_ONE)]];
        });
        known = new Map([...read.slice(-MOST), ...known]);
    }

    /** The thread of the conversation with that person, made if there is none. */
    function of(jid: string): string {
        return note(jid, current(jid) ?? uuid());
    }

    /** The thread of the conversation with that person, or null. */
    function current(jid: string): string | null {
        return known.get(jid)?.[0] ?? guests.get(jid) ?? null;
    }

    /** Whether that is, or was a moment ago, a thread of the conversation with that person. */
    function knows(jid: string, thread: string): boolean {
        return known.get(jid)?.includes(thread) === true;
    }

    /**
     * The conversation goes on in this thread: somebody wrote in it. What is no identifier is not taken.
     * @param stranger whether nobody knows the one who wrote
     */
    function note(jid: string, thread: string, stranger = false): string {
        if (identifier(thread) !== thread) return thread;
        const before = known.get(jid);
        if (stranger && !before) {
            if (guests.size < MOST_GUESTS) guests.set(jid, thread);
        } else if (before?.[0] !== thread) {
            known.delete(jid);
            known.set(jid, [thread, ...(before ?? []).filter((each) => each !== thread)].slice(0, OF_ONE));
            const [oldest = jid] = known.keys();
            if (known.size > MOST) known.delete(oldest);
            void store.set(
                'threads',
                [...known].map(([who, threads]) => [who, ...threads]),
            );
            changed(jid);
        }
        return thread;
    }

    return {
        load,
        of,
        current,
        knows,
        note,
    };
}

export type Threads = ReturnType<typeof createThreads>;
