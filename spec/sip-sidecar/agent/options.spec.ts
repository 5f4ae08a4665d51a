import type { SidecarEvent } from '../../../src/sip-sidecar/contract/index.js';
import { settled } from './support/clock.js';
import { SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';
import type { Message } from './support/server.js';

type Probed = Extract<SidecarEvent, { type: 'probed' }>;

const NOBODY = { contact: '', callInfo: [], headers: [], fingerprints: [] };

describe('A probe', () => {
    let phone: TestPhone;

    beforeEach(async () => {
        phone = new TestPhone();
        await phone.register();
    });

    afterEach(() => {
        phone.end();
    });

    const probed = (): Probed[] => phone.events.filter((event): event is Probed => event.type === 'probed');

    async function probe(to = 'sip:bob@example.net'): Promise<Message> {
        phone.send({ type: 'probe', probeId: 'p1', to });
        return phone.server.request('OPTIONS');
    }

    async function result(): Promise<Probed> {
        await phone.until(() => probed().length > 0, 'probed');
        return probed()[0]!;
    }

    it('asks an address what it can do, and says nothing of us but our address', async () => {
        const request = await probe();
        expect(request.first).toBe('OPTIONS sip:bob@example.net SIP/2.0');
        expect(request.header('Accept')).toBe('application/sdp');
        expect(request.header('Call-ID')).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
        expect(request.text).not.toMatch(/xmpp|Call-Info/iu);
        expect(request.body).toBe('');
    });

    it('tells who answers, and whether with video', async () => {
        const contact = 'sip:bob@example.net;gr=urn:uuid:2';
        phone.server.reply(await probe(), 200, [
            `Contact: <${contact}>;audio;video`,
            'Call-Info: <xmpp:bob@example.net>;purpose=impp',
            'XMPP-Thread: T',
        ]);
        expect(await result()).toEqual({
            type: 'probed',
            probeId: 'p1',
            ok: true,
            remote: {
                contact,
                callInfo: ['<xmpp:bob@example.net>;purpose=impp'],
                headers: [['XMPP-Thread', 'T']],
                fingerprints: [],
            },
            video: true,
        });
    });

    it('believes a description more than what stands with the Contact', async () => {
        phone.server.reply(await probe(), 200, ['Contact: <sip:bob@h>;audio;video'], SDP);
        expect((await result()).video).toBeFalse();
    });

    it('tells what a refusal says too, and that it is one', async () => {
        phone.server.reply(await probe(), 486, ['Call-Info: <xmpp:bob@example.net>;purpose=impp']);
        const { ok, remote } = await result();
        expect(ok).toBeFalse();
        expect(remote.callInfo).toEqual(['<xmpp:bob@example.net>;purpose=impp']);
    });

    it('answers a challenge', async () => {
        phone.server.reply(await probe(), 407, ['Proxy-Authenticate: Digest realm="example.net", nonce="1"']);
        const again = await phone.server.request('OPTIONS');
        expect(again.header('Proxy-Authorization')).toContain('username="alice"');
        phone.server.reply(again, 200);
        expect((await result()).ok).toBeTrue();
    });

    it('that nobody answers ends after 4 s, and what comes later is not heard', async () => {
        const request = await probe();
        await phone.clock.advance(3_999);
        expect(probed()).toEqual([]);
        await phone.clock.advance(1);
        expect(await result()).toEqual({ type: 'probed', probeId: 'p1', ok: false, remote: NOBODY, video: null });
        phone.server.reply(request, 200, ['Contact: <sip:bob@h>;video']);
        await settled();
        expect(probed().length).toBe(1);
    });

    it('without a connection, or of what is no address, finds nobody', async () => {
        phone.send({ type: 'probe', probeId: 'p1', to: 'javascript:alert(1)' });
        expect((await result()).remote).toEqual(NOBODY);
        phone.server.drop();
        phone.send({ type: 'probe', probeId: 'p2', to: 'sip:bob@example.net' });
        await phone.until(() => probed().length === 2, 'the second');
        expect(probed()[1]).toEqual({ type: 'probed', probeId: 'p2', ok: false, remote: NOBODY, video: null });
    });

    it('of a telephone number asks at the own domain', async () => {
        expect((await probe('tel:+13035551212')).first).toBe('OPTIONS sip:+13035551212@example.net;user=phone SIP/2.0');
    });

    const HOSTILE: [what: string, headers: string[], body?: string][] = [
        ['headers that nobody can read', ['Contact: <<<', 'Call-Info: "', 'XMPP-Thread:']],
        ['a Contact of another kind', ['Contact: <javascript:alert(1)>;video']],
        ['a body that is no description', ['Contact: *'], 'v=0 nonsense'],
        ['ten thousand values', [`Call-Info: ${'<xmpp:a@b>,'.repeat(3_000)}`]],
    ];
    for (const [what, headers, body] of HOSTILE) {
        it(`answered with ${what} is answered all the same, or in 4 s`, async () => {
            phone.server.reply(await probe(), 200, headers, body);
            await settled();
            await phone.clock.advance(4_000);
            const { remote } = await result();
            expect(remote.contact).toBe('');
            expect(remote.callInfo.length).toBeLessThanOrEqual(3);
            expect(probed().length).toBe(1);
        });
    }
});

describe('Somebody who probes us', () => {
    let phone: TestPhone;

    beforeEach(() => {
        phone = new TestPhone();
    });

    afterEach(() => {
        phone.end();
    });

    it('learns what every telephone says, and neither who nor which device this is', async () => {
        await phone.register();
        phone.server.sendRequest({ method: 'OPTIONS' });
        const answer = await phone.server.response('OPTIONS', 200);
        expect(answer.header('Allow')).toBe('INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK');
        expect(answer.header('Accept')).toBe('application/sdp');
        expect(answer.header('Supported')).toBe('gruu, outbound, path, replaces, timer, 100rel');
        expect(answer.header('Contact')).toBe('');
        expect(answer.text).not.toMatch(/xmpp|Alice/u);
        expect(phone.incoming).toEqual([]);
    });

    it('learns both where the person wants it', async () => {
        await phone.register({ optionsHeaders: [['Call-Info', '<xmpp:alice@example.net>;purpose=impp']] });
        phone.server.sendRequest({ method: 'OPTIONS' });
        const answer = await phone.server.response('OPTIONS', 200);
        expect(answer.header('Call-Info')).toBe('<xmpp:alice@example.net>;purpose=impp');
        expect(answer.header('Contact')).toBe('<sip:alice@example.net;gr=urn:uuid:1>;audio;video');
    });

    it('gets no header that breaks the message or belongs to the protocol', async () => {
        await phone.register({
            optionsHeaders: [
                ['Call-Info', '<xmpp:a@b>\r\nVia: forged'],
                ['Contact', '<sip:mallory@evil.example>'],
            ],
        });
        phone.server.sendRequest({ method: 'OPTIONS' });
        expect((await phone.server.response('OPTIONS', 200)).text).not.toMatch(/forged|mallory/u);
    });

    it('at an address that is not ours is told so', async () => {
        await phone.register();
        phone.server.sendRequest({ method: 'OPTIONS', uri: 'sip:carol@example.net' });
        await phone.server.response('OPTIONS', 404);
    });
});
