import { makeReachability } from '../../../src/sip-sidecar/agent/reachability.js';

const SERVER = 'wss://sip.example.net:8443/ws?token=secret';

describe('Whether a server is there', () => {
    const real = globalThis.fetch;
    let asked: { url: string; options: RequestInit }[];
    let there: boolean;
    let reachability: ReturnType<typeof makeReachability>;
    beforeEach(() => {
        asked = [];
        there = true;
        reachability = makeReachability();
        globalThis.fetch = (url, options = {}) => {
            asked.push({ url: url as string, options });
            return there ? Promise.resolve(new Response()) : Promise.reject(new TypeError('Failed to fetch'));
        };
    });
    afterEach(() => (globalThis.fetch = real));

    it('is asked at its origin, without cookies, and without what its address may hold in secret', async () => {
        expect(await reachability.find(SERVER)).toBeTrue();
        expect(await reachability.find('ws://127.0.0.1:5080/')).toBeTrue();
        expect(asked.map(({ url }) => url)).toEqual(['https://sip.example.net:8443', 'http://127.0.0.1:5080']);
        expect(asked[0]?.options).toEqual({
            mode: 'no-cors',
            cache: 'no-store',
            credentials: 'omit',
            signal: jasmine.any(AbortSignal) as never,
        });
    });

    it('cannot be told as long as nothing was ever answered, and then it can', async () => {
        there = false;
        expect(await reachability.find(SERVER)).toBeNull();
        expect(await reachability.find(SERVER)).toBeNull();
        there = true;
        expect(await reachability.find(SERVER)).toBeTrue();
        there = false;
        expect(await reachability.find(SERVER)).toBeFalse();
        await reachability.opened(SERVER);
        expect(await reachability.find(SERVER)).toBeFalse();
    });

    it('is not asked any more where it is there and answers nothing', async () => {
        there = false;
        await reachability.find(SERVER);
        await reachability.opened(SERVER);
        const before = asked.length;
        expect(await reachability.find(SERVER)).toBeTrue();
        expect(asked.length).toBe(before);
        expect(await reachability.find('wss://other.example/'))
            .withContext('another one')
            .toBeNull();
    });

    it('is asked once more where it came back just after it was asked', async () => {
        there = false;
        await reachability.find(SERVER);
        there = true;
        await reachability.opened(SERVER);
        there = false;
        expect(await reachability.find(SERVER)).toBeFalse();
    });

    it('is not asked at all where nothing ever went wrong', async () => {
        await reachability.opened(SERVER);
        expect(asked).toEqual([]);
    });
});
