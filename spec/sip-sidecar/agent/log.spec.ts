import { makeLog, withoutSecrets } from '../../../src/sip-sidecar/agent/log.js';
import type { SidecarEvent } from '../../../src/sip-sidecar/contract/index.js';
import { HandClock, settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { ACCOUNT, CONFIG, TestPhone } from './support/phone.js';

/** Stands in every place where a secret may be; found anywhere it is a leak. */
const CANARY = 'Gae7oocheiSh4ahd';

describe('What is secret by its form', () => {
    const places: readonly (readonly [where: string, text: string, stays: string])[] = [
        [
            'a challenge',
            `SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="a, b", nonce="${CANARY}", opaque="${CANARY}", algorithm=MD5\r\n\r\n`,
            'realm="a, b" algorithm=MD5',
        ],
        ['one that is folded', `Proxy-Authenticate: Digest realm="r",\r\n nonce="${CANARY}"\r\nVia: x`, 'Via: x'],
        [
            'the answer to it',
            `Authorization : Digest username="alice",realm="r",uri="sip:x",response="${CANARY}",cnonce="${CANARY}",nc=00000001,qop=auth`,
            'realm="r" qop=auth',
        ],
        ['the answer to a proxy', `proxy-authorization: Digest response=${CANARY}\r\nTo: y`, 'To: y'],
        ['another scheme', `Authorization: Bearer ${CANARY}`, 'Authorization: Bearer'],
        ['the next nonce', `Authentication-Info: nextnonce="${CANARY}",rspauth="${CANARY}"`, 'Authentication-Info:'],
        ['cookies', `Cookie: a=${CANARY}\r\nSet-Cookie: ${CANARY}; Path=/`, 'Set-Cookie:'],
        [
            'a PASSporT (RFC 8224), also in its compact form',
            `Identity: ${CANARY};info=<x>\r\ny: ${CANARY}`,
            'Identity:',
        ],
        ['headers of a name that says so', `X-Auth-Token: ${CANARY}\r\nX-Password: ${CANARY}`, 'X-Password:'],
        [
            'a session description',
            `INVITE x SIP/2.0\r\n\r\nv=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:${CANARY}\r\na=crypto:1 AES_CM_128 inline:${CANARY}\r\nk=clear:${CANARY}\r\na=key-mgmt:mikey ${CANARY}\r\na=mid:0\r\n`,
            'a=mid:0',
        ],
        [
            'digits that were pressed, and any other body',
            `INFO x SIP/2.0\r\nContent-Length: 9\r\n\r\nSignal=${CANARY}\r\n\r\n${CANARY}`,
            'Content-Length: 9',
        ],
        ['the password of an address', `From: <sip:alice:${CANARY}@example.net>;tag=1`, '@example.net>;tag=1'],
        [
            'what follows the site in a web address',
            `failed: https://u:${CANARY}@a.example:8/p/${CANARY}?t=${CANARY}#x`,
            'https://a.example:8/',
        ],
        ['that of a WebSocket', `"wss://a.example/ws?access_token=${CANARY}" closed`, '"wss://a.example/" closed'],
        [
            'plain data',
            JSON.stringify({ password: CANARY, ha1: CANARY, credential: CANARY, token: CANARY, user: 'alice' }),
            '"user":"alice"',
        ],
        ['the text of an exception', `Error: password=${CANARY}, secret: '${CANARY}' at x`, 'at x'],
    ];
    for (const [where, text, stays] of places) {
        it(`is left out of ${where}`, () => {
            const clean = withoutSecrets(text);
            expect(clean).not.toContain(CANARY);
            expect(clean).toContain(stays);
        });
    }

    it('is not who calls, and not how a session is described', () => {
        const text = [
            'INVITE sip:bob@example.net;gr=urn:uuid:1 SIP/2.0',
            'Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1',
            'From: "Alice" <sip:alice@example.org>;tag=1',
            'Call-Info: <xmpp:alice@example.org>;purpose=impp',
            'Reason: SIP;cause=200;text="Call completed elsewhere"',
            '',
            'v=0',
            'a=fingerprint:sha-256 AB:CD',
            'a=candidate:1 1 udp 1 192.0.2.1 9 typ host',
            '',
        ].join('\r\n');
        expect(withoutSecrets(text)).toBe(text);
    });

    it('takes little time in a text made to take much', () => {
        const texts = ['nonce=', 'https://', 'sip:', '"\\', 'authorization:', '\r\n ', 'key"', 'a:'].map((part) =>
            part.repeat(8_000),
        );
        const before = performance.now();
        texts.forEach(withoutSecrets);
        expect(performance.now() - before).toBeLessThan(2_000);
    });
});

describe('The log', () => {
    it('keeps the last entries, within bounds', () => {
        const log = makeLog(new HandClock());
        for (let i = 0; i < 2_000; i += 1) log.add('<', `entry ${String(i)} ${'x'.repeat(i % 7 === 0 ? 60_000 : 10)}`);
        const report = log.report();
        expect(report.length).toBeLessThan(300_000);
        expect(report).toContain('entry 1999');
        expect(report).not.toContain('entry 1000 ');
        expect(report.split('\n').filter((line) => line.includes(' < ')).length).toBeLessThanOrEqual(500);
    });

    it('says in its first line what it holds', () => {
        const [first] = makeLog(new HandClock()).report().split('\n');
        expect(first).toMatch(/Passwords and keys are left out\. Names and addresses are not/u);
    });

    it('leaves out what it is told to conceal wherever that comes', () => {
        const log = makeLog(new HandClock());
        log.conceal([CANARY, undefined, '', 'abc']);
        log.add('<', `To: ${CANARY}; abc ${'x'.repeat(8_150)}${CANARY}`);
        expect(log.report()).not.toContain(CANARY.slice(0, 6));
        expect(log.report()).toContain('To: ***; abc');
    });
});

describe('Secrets', () => {
    let phone: TestPhone;
    let said: string[];

    const ha1 = [{ realm: 'other', algorithm: 'MD5' as const, ha1: `${CANARY}1` }];
    const iceServers = [{ urls: 'turn:turn.example.net', username: 'alice', credential: `${CANARY}2` }];

    beforeEach(() => {
        said = [];
        for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const)
            spyOn(console, level).and.callFake((...args: unknown[]) => said.push(args.map(String).join(' ')));
        phone = new TestPhone();
    });

    afterEach(() => phone.end());

    async function report(): Promise<string> {
        phone.send({ type: 'report' });
        await settled();
        const last = phone.events.at(-1) as Extract<SidecarEvent, { type: 'report' }>;
        expect(last.type).toBe('report');
        return last.text;
    }

    it('are in no log, event, notice or console line, whatever servers and strangers do with them', async () => {
        const challenge = `Digest realm="example.net", nonce="${CANARY}n", qop="auth", algorithm=SHA-256`;
        phone.server.onRegister = (request) => {
            if (request.header('Authorization') === '')
                phone.server.reply(request, 401, [`WWW-Authenticate: ${challenge}`]);
            else
                phone.server.reply(request, 200, [
                    ...phone.server.binding(request),
                    `Authentication-Info: nextnonce="${CANARY}m"`,
                ]);
        };
        await phone.register({ iceServers }, { password: CANARY });
        const dialog = await phone.talk();
        dialog.request('INFO', { headers: ['Content-Disposition: x'], body: `Signal=${CANARY}` });
        // A server that sends our secrets back, in places of all kinds
        const evil = [
            `X-Any: ${CANARY}`,
            `Contact: <sip:${CANARY}@example.net>`,
            `Call-Info: <https://x.example/${CANARY}>`,
        ];
        const sdp = `${SDP}a=ice-pwd:${CANARY}3\r\na=crypto:1 x inline:${CANARY}4\r\n`;
        phone.server.sendRequest({
            method: 'INVITE',
            from: `"x" <sip:m:${CANARY}5@e.example>;tag=1`,
            headers: evil,
            body: sdp,
        });
        phone.server.sendRequest({ method: 'INVITE', headers: [`Require: ${CANARY}6`], body: sdp });
        phone.server.send(`INVITE ${CANARY}\r\n\r\n`);
        phone.server.send(`SIP/2.0 407 x\r\nVia: ;;${CANARY}\r\n\r\n`);
        await settled();
        phone.agent.note({ type: 'notice', code: 'SIP-204', detail: `turn:turn.example.net ${CANARY}2` });
        phone.agent.note({ type: 'credentials-accepted', username: 'alice', ha1 });
        dialog.request('BYE');
        await phone.reaches(dialog.callId, 'ended');

        const text = await report();
        expect(text).toContain('REGISTER sip:example.net');
        expect(text).toContain('realm="example.net"');
        expect(text).toContain('> INVITE sip:bob@example.net');
        expect(text).toMatch(/ call \{.*"ended"/u);
        expect(text).toMatch(/ registration \{.*"registered"/u);
        expect(text).not.toContain(CANARY);
        const digests = phone.server.received.flatMap((message) =>
            message.headers('Authorization').flatMap((line) => line.match(/[0-9a-f]{20,}/gu) ?? []),
        );
        expect(digests.length).toBeGreaterThan(0);
        for (const digest of digests) expect(text).not.toContain(digest);
        const notices = phone.events.filter(({ type }) => type === 'notice');
        expect(JSON.stringify(notices)).not.toContain(CANARY);
        expect(said.join('\n')).toBe('');
    });

    it('that are new since are left out, too', async () => {
        await phone.register({}, { password: 'the first one' });
        phone.agent.renew({ ...CONFIG, iceServers }, { ...ACCOUNT, password: CANARY, ha1 });
        phone.server.sendRequest({ method: 'OPTIONS', headers: [`X-Any: ${CANARY} ${CANARY}2`] });
        expect(await report()).not.toContain(CANARY);
    });
});
