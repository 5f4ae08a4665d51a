import fc from 'fast-check';
import { END_REASONS } from '../../../src/sip-sidecar/contract/end-reason.js';
import { buildCallMessage, parseCallEvent, type ToldEvent } from '../../../src/plugin/stanzas/call-invites.js';
import { element } from '../../../src/plugin/stanzas/xml.js';
import { meaning, text, xml } from '../support/xml.js';

const CALL_ID = '5b1f6c1e-54a9-4f5b-8d5e-3d0a6f0f9c21';
const THREAD = '0c9e5f1e-0d0c-4a7b-9a55-0a7d5a3f8f10';
const CALLER =
    'sha-256 02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2';
const CALLEE =
    'sha-256 BD:E8:2C:D3:BD:B6:98:50:45:7D:5B:36:89:53:31:15:52:25:88:82:06:95:88:A3:3D:A5:43:8D:5C:21:21:66';

/** The announcement of PROTOCOL.md 8.5. */
const INVITE = `<message xmlns='jabber:client' to='bob@example.net' from='alice@example.org/web-7' type='chat' id='ci-9f0e'>
  <thread>${THREAD}</thread>
  <invite xmlns='urn:xmpp:call-invites:0' audio='true' video='true'>
    <dialog xmlns='urn:ietf:params:xml:ns:dialog-info' id='ci-9f0e' call-id='${CALL_ID}' direction='initiator'>
      <state>trying</state>
      <local>
        <identity>sip:alice@sip.example.org</identity>
        <target uri='sip:alice@sip.example.org;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6'/>
        <fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>${CALLER.slice(8)}</fingerprint>
      </local>
      <remote><identity>sip:bob@sip.example.net</identity></remote>
    </dialog>
  </invite>
  <origin-id xmlns='urn:xmpp:sid:0' id='ci-9f0e'/>
  <store xmlns='urn:xmpp:hints'/>
</message>`;

/** The answer of PROTOCOL.md 8.5. */
const ACCEPT = `<message xmlns='jabber:client' to='alice@example.org/web-7' from='bob@example.net/web-2' type='chat' id='ca-1'>
  <accept xmlns='urn:xmpp:call-invites:0' id='ci-9f0e'>
    <dialog xmlns='urn:ietf:params:xml:ns:dialog-info' id='ci-9f0e' call-id='${CALL_ID}' direction='recipient'>
      <state code='200'>confirmed</state>
      <local>
        <identity>sip:bob@sip.example.net</identity>
        <fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='active'>${CALLEE.slice(8)}</fingerprint>
      </local>
      <remote>
        <fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>${CALLER.slice(8)}</fingerprint>
      </remote>
    </dialog>
  </accept>
  <store xmlns='urn:xmpp:hints'/>
</message>`;

const NOTHING = { video: false, thread: null, dialog: null, reason: null };

const invite: ToldEvent = {
    type: 'invite',
    id: 'ci-9f0e',
    video: true,
    thread: THREAD,
    dialog: {
        callId: CALL_ID,
        direction: 'initiator',
        state: 'trying',
        local: {
            identity: 'sip:alice@sip.example.org',
            target: 'sip:alice@sip.example.org;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
            fingerprints: [CALLER],
        },
        remote: { identity: 'sip:bob@sip.example.net' },
    },
};

const accept: ToldEvent = {
    type: 'accept',
    id: 'ci-9f0e',
    dialog: {
        callId: CALL_ID,
        direction: 'recipient',
        state: 'confirmed',
        code: 200,
        local: { identity: 'sip:bob@sip.example.net', fingerprints: [CALLEE] },
        remote: { fingerprints: [CALLER] },
    },
};

const message = (...children: (Element | string)[]): Element =>
    xml(
        `<message xmlns='jabber:client' type='chat' id='m1'>${children
            .map((child) => (typeof child === 'string' ? child : text(child)))
            .join('')}</message>`,
    );
const buildCallEvent = (event: ToldEvent): Element[] => Array.from(buildCallMessage('', '', event).children);
const written = (event: ToldEvent, attributes: Record<string, string>): unknown =>
    meaning(element('jabber:client', 'message', attributes, ...buildCallEvent(event)));
const event = (inner: string): ReturnType<typeof parseCallEvent> => parseCallEvent(message(inner));

describe('A call event', () => {
    it('that announces is written as PROTOCOL.md 8.5 shows it', () => {
        expect(
            written(invite, { to: 'bob@example.net', from: 'alice@example.org/web-7', type: 'chat', id: 'ci-9f0e' }),
        ).toEqual(meaning(xml(INVITE)));
    });

    it('that accepts is written as PROTOCOL.md 8.5 shows it', () => {
        expect(
            written(accept, { to: 'alice@example.org/web-7', from: 'bob@example.net/web-2', type: 'chat', id: 'ca-1' }),
        ).toEqual(meaning(xml(ACCEPT)));
    });

    it('that rejects, withdraws or leaves is written as PROTOCOL.md 8.5 shows it', () => {
        const store = `<store xmlns='urn:xmpp:hints'/>`;
        const xmlns = `xmlns='urn:xmpp:call-invites:0'`;
        for (const [event, expected] of [
            [
                { type: 'reject', id: 'ci-9f0e', reason: 'busy' },
                `<reject ${xmlns} id='ci-9f0e'><reason xmlns='urn:xmpp:jingle:1'><busy/></reason></reject>`,
            ],
            [{ type: 'retract', id: 'ci-9f0e', reason: null }, `<retract ${xmlns} id='ci-9f0e'/>`],
            [{ type: 'left', id: 'ci-9f0e', reason: null }, `<left ${xmlns} id='ci-9f0e'/>`],
        ] as const) {
            expect(buildCallEvent(event).map(meaning)).toEqual([meaning(xml(expected)), meaning(xml(store))]);
        }
    });

    it('is read as it was meant', () => {
        const nobody = { identity: null, fingerprints: [] };
        expect(parseCallEvent(xml(INVITE))).toEqual({
            type: 'invite',
            id: 'ci-9f0e',
            video: true,
            thread: THREAD,
            reason: null,
            dialog: {
                callId: CALL_ID,
                direction: 'initiator',
                local: {
                    identity: 'sip:alice@sip.example.org',
                    fingerprints: [CALLER],
                },
                remote: { ...nobody, identity: 'sip:bob@sip.example.net' },
                replaces: null,
            },
        });
        expect(parseCallEvent(xml(ACCEPT))).toEqual({
            ...NOTHING,
            type: 'accept',
            id: 'ci-9f0e',
            dialog: {
                callId: CALL_ID,
                direction: 'recipient',
                local: { identity: 'sip:bob@sip.example.net', fingerprints: [CALLEE] },
                remote: { ...nobody, fingerprints: [CALLER] },
                replaces: null,
            },
        });
    });

    it('comes back as it was written, whatever it says', () => {
        const id = fc.stringMatching(/^[!-~]{1,40}$/u);
        const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary);
        const address = fc.stringMatching(/^[a-z0-9.]{1,12}$/u).map((user) => `sip:${user}@sip.example.org`);
        const fingerprint = fc
            .uint8Array({ minLength: 32, maxLength: 32 })
            .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()))
            .map((bytes) => `sha-256 ${bytes.join(':')}`);
        const side = fc.record({
            identity: maybe(address),
            fingerprints: fc.uniqueArray(fingerprint, { maxLength: 3 }),
        });
        const dialog = fc.record({
            callId: maybe(id),
            direction: maybe(fc.constantFrom('initiator' as const, 'recipient' as const)),
            local: side,
            remote: side,
            replaces: maybe(id),
        });
        const event = fc.oneof(
            fc.record({
                type: fc.constant('invite' as const),
                id,
                video: fc.boolean(),
                thread: maybe(id),
                dialog,
            }),
            fc.record({ type: fc.constant('accept' as const), id, dialog }),
            fc.record({
                type: fc.constantFrom('reject' as const, 'retract' as const, 'left' as const),
                id,
                reason: maybe(fc.constantFrom('busy' as const, 'declined' as const, 'failed' as const)),
            }),
        );
        fc.assert(
            fc.property(event, (event) => {
                expect(parseCallEvent(message(...buildCallEvent(event)))).toEqual({ ...NOTHING, ...event });
            }),
        );
    });

    it('without a body or tag, and with the hint that keeps it, whatever it is', () => {
        const last = (['reject', 'retract', 'left'] as const).map(
            (type) => ({ type, id: 'i', reason: 'failed' }) as const,
        );
        for (const each of [invite, accept, ...last]) {
            const all = buildCallEvent(each);
            expect(all.map((child) => child.localName)).toContain('store');
            expect(all.map(text).join('')).not.toMatch(/body|tag/u);
        }
    });

    it('carries the reason by the table, and brings it back', () => {
        const expected: Record<string, string> = {
            'hung-up': 'success',
            busy: 'busy',
            declined: 'decline',
            cancelled: 'cancel',
            'no-answer': 'timeout',
            'not-found': 'gone',
            'not-accepted': 'incompatible-parameters',
            forbidden: 'security-error',
            'media-failed': 'media-error',
            'connection-lost': 'connectivity-error',
            failed: 'general-error',
            transferred: 'alternative-session',
        };
        for (const reason of END_REASONS) {
            const [built] = buildCallEvent({ type: 'left', id: 'i', reason });
            const condition = built?.firstElementChild?.firstElementChild?.localName;
            if (reason in expected) expect(condition).toBe(expected[reason]);
            const read = parseCallEvent(message(built!));
            // Several of ours share a condition: the main one comes back.
            expect(expected[read?.reason ?? '']).toBe(condition);
        }
    });

    it('of another client is read: no reason, a foreign one, a text beside it', () => {
        const xmlns = `xmlns='urn:xmpp:call-invites:0' id='i'`;
        const reason = (inner: string): string =>
            `<left ${xmlns}><reason xmlns='urn:xmpp:jingle:1'>${inner}</reason></left>`;
        expect(event(`<left ${xmlns}/>`)).toEqual({ ...NOTHING, type: 'left', id: 'i', reason: null });
        expect(event(reason(''))).toEqual({ ...NOTHING, type: 'left', id: 'i', reason: null });
        expect(event(reason('<failed-transport/>'))).toEqual({ ...NOTHING, type: 'left', id: 'i', reason: 'failed' });
        expect(event(reason('<constructor/>'))).toEqual({ ...NOTHING, type: 'left', id: 'i', reason: 'failed' });
        expect(event(reason(`<busy/><text>x</text>`))).toEqual({ ...NOTHING, type: 'left', id: 'i', reason: 'busy' });
        expect(event(reason(`<x xmlns='other'/><gone/>`))).toEqual({
            ...NOTHING,
            type: 'left',
            id: 'i',
            reason: 'not-found',
        });
        expect(event(reason(`<busy xmlns='other'/>`))).toEqual({ ...NOTHING, type: 'left', id: 'i', reason: null });
    });

    it('of another client is read: audio alone by default, other ways to join', () => {
        expect(event(`<invite xmlns='urn:xmpp:call-invites:0'><external uri='tel:+1'/></invite>`)).toEqual({
            ...NOTHING,
            type: 'invite',
            id: 'm1',
        });
        expect(event(`<invite xmlns='urn:xmpp:call-invites:0' audio='0' video='1'/>`)?.video).toBeTrue();
    });

    it('has the id of its origin, else of the message (XEP-0482 section 3.1)', () => {
        const xmlns = `<invite xmlns='urn:xmpp:call-invites:0'/>`;
        expect(event(`${xmlns}<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>`)?.id).toBe('o1');
        expect(event(`${xmlns}<origin-id xmlns='urn:xmpp:sid:0' id='${'o'.repeat(256)}'/>`)?.id).toBe('m1');
        expect(parseCallEvent(xml(`<message>${xmlns}</message>`))).toBeNull();
    });

    it('is none without an id, in another namespace, of another name, or deeper', () => {
        const xmlns = `xmlns='urn:xmpp:call-invites:0'`;
        for (const inner of [
            '',
            `<reject ${xmlns}/>`,
            `<reject ${xmlns} id=''/>`,
            `<accept ${xmlns} id='${'i'.repeat(1_000_000)}'/>`,
            `<retract ${xmlns} id='a&#10;b'/>`,
            `<left ${xmlns} id='&#x202e;'/>`,
            `<ring ${xmlns} id='i'/>`,
            `<invite xmlns='urn:xmpp:call-invites:1'/>`,
            `<x><left ${xmlns} id='i'/></x>`,
            `<forwarded xmlns='urn:xmpp:forward:0'><message><left ${xmlns} id='i'/></message></forwarded>`,
        ]) {
            expect(event(inner)).withContext(inner.slice(0, 60)).toBeNull();
        }
    });

    it('is the first of several', () => {
        const xmlns = `xmlns='urn:xmpp:call-invites:0' id='i'`;
        expect(event(`<left ${xmlns}/><accept ${xmlns}/>`)?.type).toBe('left');
    });

    it('takes no thread that cannot be sent back', () => {
        const xmlns = `<invite xmlns='urn:xmpp:call-invites:0'/>`;
        const thread = (inner: string): unknown => event(`${inner}${xmlns}`)?.thread;
        expect(thread(`<thread>\n T \n</thread>`)).toBe('T');
        expect(thread(`<thread>a\nb</thread>`)).toBeNull();
        expect(thread(`<thread>${'t'.repeat(1_000_000)}</thread>`)).toBeNull();
        expect(thread(`<thread xmlns='other'>T</thread>`)).toBeNull();
    });
});
