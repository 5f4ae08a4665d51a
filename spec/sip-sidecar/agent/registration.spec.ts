import { digestResponse, ha1, type Algorithm } from '../../../src/sip-sidecar/agent/digest.js';
import type { Message } from './support/server.js';
import { settled } from './support/clock.js';
import { CONFIG, TestPhone } from './support/phone.js';

describe('An account', () => {
    let phone: TestPhone;
    beforeEach(() => (phone = new TestPhone()));
    afterEach(() => phone.end());

    const registers = (): Message[] => phone.server.received.filter(({ method }) => method === 'REGISTER');

    it('is registered with instance id, outbound and GRUU, and tells its addresses', async () => {
        await phone.register();
        const [request] = registers();
        expect(request?.first).toBe('REGISTER sip:example.net SIP/2.0');
        expect(request?.header('Contact')).toMatch(
            /^<sip:[0-9a-f]{20}@[0-9a-f]{20}\.invalid;transport=ws>;reg-id=1;\+sip\.instance="<urn:uuid:f81d4fae-7dec-41d0-a765-00a0c91e6bf6>";expires=300$/u,
        );
        expect(request?.header('Supported').split(', ')).toEqual(jasmine.arrayContaining(['outbound', 'path', 'gruu']));
        expect(request?.header('User-Agent')).toMatch(/^converse-sip\//u);
        expect(request?.header('From')).toMatch(/^"Alice" <sip:alice@example\.net>;tag=[0-9a-f]{20}$/u);
        expect(request?.header('Via')).toMatch(
            /^SIP\/2\.0\/WSS [0-9a-f]{20}\.invalid;branch=z9hG4bK[0-9a-f-]{20,36}$/u,
        );
        expect(phone.registration).toEqual({
            state: 'registered',
            aor: 'sip:alice@example.net',
            gruu: 'sip:alice@example.net;gr=urn:uuid:1',
        });
    });

    it('keeps its display name from breaking the header', async () => {
        await phone.register({}, { displayName: 'Al"ice\\ <sip:evil@h>\r\nX-Evil: 1' });
        expect(registers()[0]?.header('From')).toMatch(/^"Alice sip:evil@h X-Evil: 1" <sip:alice@example\.net>;tag=/u);
        expect(registers()[0]?.headers('X-Evil')).toEqual([]);
    });

    const challenge = (algorithm: string): string =>
        `WWW-Authenticate: Digest realm="pbx", nonce="abc", algorithm=${algorithm}, qop="auth"`;

    /** Challenges, and accepts only the right answer with an algorithm. */
    const demand = (algorithm: Algorithm, challenges: string[], password = 'wonderland'): void => {
        phone.server.onRegister = (request) => {
            const header = request.header('Authorization');
            const field = (name: string): string => new RegExp(`${name}="?([^",]*)`, 'u').exec(header)?.[1] ?? '';
            const expected = digestResponse({
                algorithm,
                ha1: ha1(algorithm, 'alice', 'pbx', password),
                method: 'REGISTER',
                uri: field('uri'),
                nonce: 'abc',
                qop: { name: 'auth', cnonce: field('cnonce'), nc: field('nc') },
                body: '',
            });
            if (field(' response') === expected) phone.server.reply(request, 200, phone.server.binding(request));
            else phone.server.reply(request, 401, challenges);
        };
    };

    const CASES: [name: string, algorithm: Algorithm, offered: string[]][] = [
        ['MD5', 'MD5', ['MD5']],
        ['SHA-256', 'SHA-256', ['SHA-256']],
        ['SHA-256 where MD5 comes first', 'SHA-256', ['MD5', 'SHA-256']],
        ['SHA-256 where MD5 comes last', 'SHA-256', ['SHA-256', 'MD5']],
        ['SHA-512-256', 'SHA-512-256', ['SHA-512-256']],
        ['SHA-512-256 among all', 'SHA-512-256', ['MD5', 'SHA-512-256', 'SHA-256']],
        ['MD5 beside an algorithm that is not known', 'MD5', ['SHA-512-256-sess', 'MD5', 'SHA-256-sess']],
    ];
    for (const [name, algorithm, offered] of CASES) {
        it(`proves its password with ${name}, and tells what a trusted device may keep`, async () => {
            demand(algorithm, offered.map(challenge));
            await phone.register();
            expect(registers().length).toBe(2);
            expect(phone.events).toContain({
                type: 'credentials-accepted',
                username: 'alice',
                ha1: [{ realm: 'pbx', algorithm, ha1: ha1(algorithm, 'alice', 'pbx', 'wonderland') }],
            });
        });
    }

    it('proves itself with HA1 values alone', async () => {
        demand('MD5', [challenge('SHA-256'), challenge('MD5')]);
        const kept = { realm: 'pbx', algorithm: 'MD5', ha1: ha1('MD5', 'alice', 'pbx', 'wonderland') } as const;
        await phone.register({}, { password: '', ha1: [kept] });
        expect(phone.events.some(({ type }) => type === 'credentials-accepted')).toBeFalse();
    });

    it('stops after a second 401, and names no secret', async () => {
        demand('MD5', [challenge('MD5')], 'something else');
        phone.start();
        await phone.until(() => phone.registration?.state === 'refused');
        expect(phone.registration).toEqual({ state: 'refused', refusal: 'credentials', status: 401 });
        expect(phone.notices).toEqual(['SIP-102']);
        await phone.clock.advance(1e7);
        expect(registers().length).toBe(2);
        expect(phone.server.isConnected).toBeFalse();
        const secrets = ['wonderland', ha1('MD5', 'alice', 'pbx', 'wonderland')];
        for (const secret of secrets) expect(JSON.stringify(phone.events)).not.toContain(secret);
        // Nor does it go over the wire.
        for (const { text } of registers()) for (const secret of secrets) expect(text).not.toContain(secret);
    });

    it('registers with new credentials while nothing else changes', async () => {
        demand('MD5', [challenge('MD5')], 'something else');
        phone.start();
        await phone.until(() => phone.registration?.state === 'refused');
        const account = { uri: 'sip:alice@example.net', username: 'alice', displayName: 'A' };
        expect(phone.agent.renew(CONFIG, { ...account, password: 'something else' })).toBeTrue();
        await phone.until(() => phone.registration?.state === 'registered');
        expect(phone.agent.renew(CONFIG, { ...account, uri: 'sip:bob@example.net' })).toBeFalse();
    });

    for (const status of [403, 404, 302, 606]) {
        it(`stops after ${String(status)}`, async () => {
            phone.server.onRegister = (request) => phone.server.reply(request, status);
            phone.start();
            await phone.until(() => phone.registration?.state === 'refused');
            expect(phone.registration).toEqual({ state: 'refused', refusal: 'forbidden', status });
            expect(phone.notices).toEqual(['SIP-103']);
        });
    }

    it('waits as long as the server asks', async () => {
        phone.server.onRegister = (request) => phone.server.reply(request, 503, ['Retry-After: 20 (busy)']);
        phone.start();
        await phone.until(() => phone.registration?.state === 'offline');
        expect(phone.registration).toEqual({ state: 'offline', attempt: 1, retryAt: phone.clock.now() + 20_000 });
    });

    it('tries again after a 200 that names no binding', async () => {
        phone.server.onRegister = (request) => phone.server.reply(request, 200);
        phone.start();
        await phone.until(() => phone.registration?.state === 'offline');
        phone.server.onRegister = (request) => phone.server.reply(request, 200, phone.server.binding(request));
        await phone.clock.advance(1000);
        expect(phone.registration?.state).toBe('registered');
    });

    it('asks for longer where the server finds it too brief', async () => {
        phone.server.onRegister = (request) => {
            if (request.header('Contact').endsWith('expires=600')) {
                phone.server.reply(request, 200, phone.server.binding(request, 600));
            } else phone.server.reply(request, 423, ['Min-Expires: 600']);
        };
        await phone.register();
        expect(registers().length).toBe(2);
    });

    it('takes no GRUU that names somebody else', async () => {
        phone.server.gruu = 'sip:mallory@evil.example;gr=urn:uuid:1';
        await phone.register();
        expect(phone.registration).toEqual({ state: 'registered', aor: 'sip:alice@example.net', gruu: null });
    });

    it('takes a server that never answers for a dead connection', async () => {
        phone.server.onRegister = () => undefined;
        phone.start();
        await settled();
        await phone.clock.advance(5000);
        expect(phone.registration?.state).toBe('offline');
        expect(phone.server.isConnected).toBeFalse();
    });

    for (const uri of ['tel:+15551234', 'sip:example.net', 'not an address', 'sip:a%0d%0aX:1@h', '']) {
        it(`with the address ${JSON.stringify(uri)} is not even tried`, () => {
            expect(() => phone.start({}, { uri })).toThrow();
        });
    }

    it('goes to the next server where the first cannot be reached', async () => {
        phone.server.unreachable.add('wss://a.example/');
        await phone.register({ servers: ['wss://a.example/', 'wss://b.example/'] });
        expect(phone.server.opened).toEqual(['wss://a.example/', 'wss://b.example/']);
    });

    it('says which server cannot be reached, without the token in its address', async () => {
        phone.server.unreachable.add('wss://a.example/?token=secret');
        phone.start({ servers: ['wss://a.example/?token=secret'] });
        await phone.until(() => phone.registration?.state === 'offline');
        expect(phone.notices).toEqual(['SIP-101']);
        expect(JSON.stringify(phone.events)).not.toContain('secret');
    });

    it('registers again by itself when the connection is lost, with the same instance', async () => {
        await phone.register();
        phone.server.drop();
        expect(phone.registration?.state).toBe('offline');
        await phone.clock.advance(300);
        expect(phone.registration?.state).toBe('registered');
        const [first, second] = registers();
        expect(second?.header('Call-ID')).not.toBe(first?.header('Call-ID'));
        expect(/urn:uuid:[^>]*/u.exec(second?.header('Contact') ?? '')?.[0]).toBe(`urn:uuid:${CONFIG.instanceId}`);
    });

    it('is woken by the network', async () => {
        await phone.register();
        phone.server.unreachable.add('wss://sip.example.net/');
        phone.server.drop();
        await phone.clock.advance(400_000);
        phone.server.unreachable.clear();
        globalThis.dispatchEvent(new Event('online'));
        await phone.until(() => phone.registration?.state === 'registered');
    });

    it('takes its binding away when it stops, and leaves nothing behind', async () => {
        await phone.register();
        await phone.agent.stop();
        expect(registers().at(-1)?.header('Contact')).toMatch(/;expires=0$/u);
        expect(phone.server.isConnected).toBeFalse();
        expect(phone.clock.pending).toBe(0);
        globalThis.dispatchEvent(new Event('online'));
        await settled();
        expect(phone.server.opened.length).toBe(1);
    });

    it('stops in bounded time where the server does not answer', async () => {
        await phone.register();
        phone.server.onRegister = () => undefined;
        const stopped = phone.agent.stop();
        await phone.clock.advance(1500);
        await stopped;
        expect(phone.server.isConnected).toBeFalse();
    });
});
