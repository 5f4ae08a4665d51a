import { createCertificates } from '../../../src/sip-sidecar/media/certificates.js';
import { eventually } from '../../support/eventually.js';

const fingerprint = (certificate: RTCCertificate): string => certificate.getFingerprints()[0]?.value ?? '';

describe('The certificate of a call', () => {
    let callId: string;
    beforeEach(() => {
        callId = crypto.randomUUID();
    });
    afterEach(() => createCertificates().forget(callId));

    /** As another page gets it. */
    const elsewhere = async (): Promise<string> => fingerprint(await createCertificates().of(callId, false));
    const kept = async (database: IDBDatabase): Promise<IDBValidKey[]> =>
        new Promise((resolve) => {
            const keys = database.transaction('certificates').objectStore('certificates').getAllKeys();
            keys.onsuccess = () => resolve(keys.result);
        });
    const open = (): Promise<IDBDatabase> =>
        new Promise((resolve) => {
            const opening = indexedDB.open('converse-sip');
            opening.onsuccess = () => resolve(opening.result);
        });

    it('is the same as long as the call lasts, and another for each call', async () => {
        const certificates = createCertificates();
        const first = await certificates.of(callId, true);
        expect(await certificates.of(callId, false)).toBe(first);
        const other = crypto.randomUUID();
        expect(fingerprint(await certificates.of(other, true))).not.toBe(fingerprint(first));
        certificates.forget(other);
        certificates.forget(callId);
    });

    it('is there for the next page', async () => {
        const ours = fingerprint(await createCertificates().of(callId, true));
        const database = await open();
        await eventually('kept', async () => (await kept(database)).includes(callId));
        database.close();
        expect(await elsewhere()).toBe(ours);
    });

    it('is made where no page had one', async () => {
        expect(await elsewhere()).toMatch(/^[0-9a-f:]{95}$/iu);
    });

    it('is forgotten with the call', async () => {
        const certificates = createCertificates();
        await certificates.of(callId, true);
        const database = await open();
        await eventually('kept', async () => (await kept(database)).includes(callId));
        certificates.forget(callId);
        await eventually('gone', async () => !(await kept(database)).includes(callId));
        database.close();
    });

    it('of a call whose end nobody noticed is forgotten after a day', async () => {
        const certificates = createCertificates();
        const lost = crypto.randomUUID();
        const long = Date.now() - 86_500_000;
        spyOn(Date, 'now').and.returnValue(long);
        await certificates.of(lost, true);
        const database = await open();
        await eventually('kept', async () => (await kept(database)).includes(lost));
        (Date.now as jasmine.Spy).and.callThrough();
        await certificates.of(callId, true);
        await eventually('gone', async () => !(await kept(database)).includes(lost));
        await eventually('kept', async () => (await kept(database)).includes(callId));
        database.close();
        certificates.forget(callId);
    });

    it('is there also where the browser keeps nothing', async () => {
        spyOn(indexedDB, 'open').and.throwError('denied');
        const certificates = createCertificates();
        const first = await certificates.of(callId, true);
        expect(await certificates.of(callId, false)).toBe(first);
        certificates.forget(callId);
    });
});
