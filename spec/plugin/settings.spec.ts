import { isLoopback, readSettings } from '../../src/plugin/settings.js';

function read(given: Readonly<Record<string, unknown>>) {
    return readSettings((name, usual) => (name in given ? given[name] : usual), Object.keys(given));
}

describe('settings', () => {
    it('are all right as they come', () => {
        const { settings, problems } = read({});
        expect(problems).toEqual([]);
        expect(settings).toEqual({
            servers: [],
            configured: false,
            domain: null,
            credentials: 'ask',
            autoRegister: true,
            video: true,
            advertise: ['pep', 'presence', 'message'],
            sendJid: 'always',
            presenceOnCall: 'none',
            acceptFrom: 'anyone',
            callsBy: 'sip',
            waitForRegistration: false,
            activity: false,
            answerOptions: false,
            addressRule: '',
            correlationHeaders: [],
            trustedDomains: null,
            phonebook: [],
            iceServers: [],
            icePolicy: 'all',
            ringTimeout: 45,
        });
    });

    it('take every right value', () => {
        const credentials = (): null => null;
        const { settings, problems } = read({
            sip_server: ['wss://a.example/sip', 'ws://localhost:8080/', 'ws://127.0.0.1:5066', 'ws://[::1]:1'],
            sip_domain: 'SIP.example.net',
            sip_credentials: credentials,
            sip_auto_register: false,
            sip_video: false,
            sip_advertise: [],
            sip_send_jid: 'never',
            sip_presence_on_call: 'dnd',
            sip_accept_from: 'verified',
            sip_calls_by: 'ask',
            sip_wait_for_registration: true,
            sip_activity: true,
            sip_answer_options: true,
            sip_address_rule: 'sip:{local}.{domain}@sip.example.net',
            sip_correlation_headers: ['X-XMPP-Contact', 'P-Thread'],
            sip_trusted_domains: ['a.example', 'B.example'],
            sip_phonebook: [{ jid: 'Bob@Example.net/phone', sip: 'sip:bob@sip.example.net', name: 'Bob' }],
            sip_ice_servers: [
                { urls: 'stun:stun.example.net' },
                { urls: ['turn:t.example.net:3478?transport=tcp'], username: 'u', credential: 'c' },
            ],
            sip_ice_policy: 'relay',
            sip_ring_timeout: 60,
        });
        expect(problems).toEqual([]);
        expect(settings.servers).toEqual([
            'wss://a.example/sip',
            'ws://localhost:8080/',
            'ws://127.0.0.1:5066/',
            'ws://[::1]:1/',
        ]);
        expect(settings.domain).toBe('sip.example.net');
        expect(settings.credentials).toBe(credentials);
        expect(settings.trustedDomains).toEqual(['a.example', 'b.example']);
        expect(settings.phonebook).toEqual([{ jid: 'bob@example.net', sip: 'sip:bob@sip.example.net', name: 'Bob' }]);
        expect(settings.iceServers.length).toBe(2);
    });

    const wrong: readonly (readonly [string, unknown, unknown?])[] = [
        ['sip_server', 'ws://sip.example.net/'],
        ['sip_server', 'https://sip.example.net/'],
        ['sip_server', 'javascript:alert(1)'],
        ['sip_server', 'wss://user:hunter2@sip.example.net/'],
        ['sip_server', 'ws://localhost.example.net/'],
        ['sip_server', 7],
        ['sip_domain', 'not a domain'],
        ['sip_domain', 'a.example;transport=udp'],
        ['sip_domain', 7],
        ['sip_credentials', 'http://sip.example.net/hunter2'],
        ['sip_credentials', { username: 'alice', password: 'hunter2' }],
        ['sip_credentials', ''],
        ['sip_auto_register', 'yes'],
        ['sip_video', 1],
        ['sip_advertise', 'shout'],
        ['sip_advertise', ['pep', 'shout']],
        ['sip_send_jid', true],
        ['sip_presence_on_call', 'away'],
        ['sip_accept_from', 'friends'],
        ['sip_calls_by', ''],
        ['sip_wait_for_registration', 'yes'],
        ['sip_activity', null],
        ['sip_answer_options', 1],
        ['sip_address_rule', 'sip:operator@sip.example.net'],
        ['sip_address_rule', 'javascript:{local}'],
        ['sip_address_rule', 'sip:{local}@sip.example.net\r\nVia: x'],
        ['sip_address_rule', ['sip:{local}@sip.example.net']],
        ['sip_correlation_headers', 7],
        ['sip_correlation_headers', ['Via']],
        ['sip_correlation_headers', ['X-A: b\r\nVia']],
        ['sip_trusted_domains', 'a b'],
        ['sip_trusted_domains', ['a b']],
        ['sip_phonebook', 7],
        ['sip_phonebook', 'http://elsewhere.example/book'],
        ['sip_phonebook', [{ jid: 'bob@example.net', sip: 'javascript:alert(1)' }, 7]],
        ['sip_ice_servers', { urls: 7 }],
        ['sip_ice_servers', 'turn:alice:hunter2@x.example'],
        ['sip_ice_servers', [{ urls: ['stun:x.example', null], credential: 'hunter2' }]],
        ['sip_ice_servers', [{ urls: 'turn:x.example', username: 7 }]],
        ['sip_ice_servers', [{}, null]],
        ['sip_ice_policy', 'none'],
        ['sip_ring_timeout', 0],
        ['sip_ring_timeout', '45'],
        ['sip_ring_timeout', NaN],
        ['sip_ring_timeout', Infinity],
    ];
    for (const [name, value] of wrong) {
        it(`names a wrong ${name}: ${typeof value === 'number' ? String(value) : JSON.stringify(value)}, and uses the default`, () => {
            const { settings, problems } = read({ [name]: value });
            const text = problems.join();
            expect(text).toContain(name);
            expect(text).toContain('allowed: ');
            expect(text).not.toContain('hunter2');
            const { settings: usual } = read({});
            const kept = name === 'sip_advertise' ? { advertise: settings.advertise } : {};
            const configured = { configured: settings.configured };
            expect(settings).toEqual({ ...usual, ...kept, ...configured });
        });
    }

    it('use the right entries of a list with wrong ones', () => {
        const { settings, problems } = read({
            sip_server: ['ws://far.example/', 'wss://near.example/'],
            sip_advertise: ['pep', 'shout'],
        });
        expect(settings.servers).toEqual(['wss://near.example/']);
        expect(settings.advertise).toEqual(['pep']);
        expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['sip_server[0]', 'sip_advertise[1]']);
    });

    it('take one value for a list of one', () => {
        const { settings, problems } = read({
            sip_server: 'wss://near.example/',
            sip_trusted_domains: 'a.example',
            sip_ice_servers: { urls: 'stun:x' },
        });
        expect(problems).toEqual([]);
        expect(settings.servers).toEqual(['wss://near.example/']);
        expect(settings.trustedDomains).toEqual(['a.example']);
        expect(settings.iceServers).toEqual([{ urls: 'stun:x', username: '', credential: '' }]);
    });

    it('know a server that is set but of no use from none', () => {
        expect(read({ sip_server: 'http://x.example' }).settings).toEqual(
            jasmine.objectContaining({ servers: [], configured: true }),
        );
        expect(read({ sip_server: '' }).settings.configured).toBeFalse();
        expect(read({ sip_server: [] }).settings.configured).toBeFalse();
        expect(read({ sip_server: null }).settings.configured).toBeFalse();
    });

    it('name a setting that does not exist, and never its value', () => {
        const { problems } = read({ sip_password: 'hunter2', sip_sever: 'wss://x.example', other: 1 });
        expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['sip_password', 'sip_sever']);
        expect(problems.join()).not.toContain('hunter2');
    });

    it('make endless and hostile values short and harmless in the console', () => {
        const { problems } = read({ sip_ice_policy: `\u202e\r\n${'x'.repeat(100_000)}` });
        expect(problems.join().length).toBeLessThan(200);
        expect(problems.join()).not.toMatch(/[\r\n\u202e]/u);
    });

    it('take an endpoint of the page itself', () => {
        const { settings } = read({ sip_credentials: '/sip/credentials' });
        expect(String(settings.credentials)).toBe(`${location.origin}/sip/credentials`);
    });
});

describe('isLoopback', () => {
    for (const host of ['localhost', 'alice.localhost', '127.0.0.1', '127.9.9.9', '[::1]']) {
        it(`is true for ${host}`, () => expect(isLoopback(host)).toBeTrue());
    }
    for (const host of ['localhost.example.net', '128.0.0.1', 'notlocalhost', '[::2]', '127.0.0.1.example.net', '']) {
        it(`is false for "${host}"`, () => expect(isLoopback(host)).toBeFalse());
    }
});
