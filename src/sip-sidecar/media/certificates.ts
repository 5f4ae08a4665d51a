/**
 * The DTLS certificate of a call: one for as long as it lasts, also on the page that goes on with it (PROTOCOL.md 8.13). The
 * browser keeps it in IndexedDB and hands its secret key to nobody. Where it cannot, a call has it for as long as its page.
 */
import type { CallId } from '../contract/index.js';

/** Browsers make them for 30 days. One whose end nobody noticed is kept for one, so until that long before it expires, in ms. */
const UNUSED = 29 * 86_400_000;

const STORE = 'certificates';

const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error(STORE));
    });

/** @returns undefined where the browser does not let us */
async function kept<T>(use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    try {
        const opening = indexedDB.open('converse-sip');
        opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
        const database = await done(opening);
        const used = done(use(database.transaction(STORE, 'readwrite').objectStore(STORE)));
        return await used.finally(() => database.close());
    } catch {
        return undefined;
    }
}

/** Lets go those that are too old. */
function sweep(store: IDBObjectStore): void {
    const cursors = store.openCursor();
    cursors.onsuccess = () => {
        const cursor = cursors.result;
        if (!cursor) return;
        if ((cursor.value as RTCCertificate).expires < Date.now() + UNUSED) cursor.delete();
        cursor.continue();
    };
}

/** The certificates of this page's calls. */
export class Certificates {
    private readonly ours = new Map<CallId, Promise<RTCCertificate>>();

    /**
     * The certificate of a call.
     * @param isNew whether it begins; else it may be one that another page had
     */
    of(callId: CallId, isNew: boolean): Promise<RTCCertificate> {
        const ours = (isNew ? undefined : this.ours.get(callId)) ?? this.make(callId, isNew);
        this.ours.set(callId, ours);
        return ours;
    }

    /** The call is over. */
    forget(callId: CallId): void {
        if (!this.ours.delete(callId)) return;
        void kept((store) => {
            sweep(store);
            return store.delete(callId);
        });
    }

    private async make(callId: CallId, isNew: boolean): Promise<RTCCertificate> {
        const found = !isNew && (await kept((store) => store.get(callId) as IDBRequest<RTCCertificate | undefined>));
        if (found) return found;
        // As a peer connection makes its own.
        const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
        const certificate = await RTCPeerConnection.generateCertificate(algorithm);
        if (this.ours.has(callId)) void kept((store) => store.put(certificate, callId));
        return certificate;
    }
}
