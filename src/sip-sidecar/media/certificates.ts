/**
 * The DTLS certificate of a call: one for as long as it lasts, also on the page that goes on with it (PROTOCOL.md 8.13). The
 * browser keeps it in IndexedDB and hands its secret key to nobody. Where it cannot, a call has it for as long as its page.
 */
import type { CallId } from '../contract/index.js';

/** How long one is kept whose end nobody noticed, in ms. */
const LIFETIME = 86_400_000;

const STORE = 'certificates';

interface Kept {
    readonly certificate: RTCCertificate;
    /** In ms since the epoch. */
    readonly madeAt: number;
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
    });

/** @returns undefined where the browser does not let us */
async function kept<T>(use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    try {
        const opening = indexedDB.open('converse-sip');
        opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
        const database = await done(opening);
        try {
            return await done(use(database.transaction(STORE, 'readwrite').objectStore(STORE)));
        } finally {
            database.close();
        }
    } catch {
        return undefined;
    }
}

/** Keeps a new one, and lets go those that are too old. */
function keep(store: IDBObjectStore, callId: CallId, kept: Kept): IDBRequest<IDBValidKey> {
    const cursors = store.openCursor();
    cursors.onsuccess = () => {
        const cursor = cursors.result;
        if (cursor === null) return;
        if ((cursor.value as Kept).madeAt < kept.madeAt - LIFETIME) cursor.delete();
        cursor.continue();
    };
    return store.put(kept, callId);
}

/** The certificates of this page's calls. */
export function createCertificates() {
    const certificates = new Map<CallId, Promise<RTCCertificate>>();

    return {
        /**
         * The certificate of a call.
         * @param isNew whether it begins; else it may be one that another page had
         */
        of(callId: CallId, isNew: boolean): Promise<RTCCertificate> {
            const ours = isNew ? undefined : certificates.get(callId);
            if (ours !== undefined) return ours;
            const made = (
                isNew ? Promise.resolve(undefined) : kept((store) => store.get(callId) as IDBRequest<Kept | undefined>)
            ).then(async (found) => {
                if (found !== undefined) return found.certificate;
                // As a peer connection makes its own.
                const certificate = await RTCPeerConnection.generateCertificate({
                    name: 'ECDSA',
                    namedCurve: 'P-256',
                } as Algorithm);
                if (certificates.get(callId) === made)
                    void kept((store) => keep(store, callId, { certificate, madeAt: Date.now() }));
                return certificate;
            });
            certificates.set(callId, made);
            return made;
        },

        /** The call is over. */
        forget(callId: CallId): void {
            if (certificates.delete(callId)) void kept((store) => store.delete(callId));
        },
    };
}
