import fc from 'fast-check';
import { cleanSipAddress } from '../../../src/sip-sidecar/contract/index.js';
import { parseCallEvent } from '../../../src/plugin/stanzas/call-invites.js';
import { classify } from '../../../src/plugin/stanzas/delivery.js';
import { parseDialog } from '../../../src/plugin/stanzas/dialog.js';
import { parseArchivePage } from '../../../src/plugin/stanzas/mam.js';
import { parseMessageReach } from '../../../src/plugin/stanzas/message-reach.js';
import { parseEvent, parseItems } from '../../../src/plugin/stanzas/pubsub.js';
import { parseCallId } from '../../../src/plugin/stanzas/shim.js';
import { parseVCard } from '../../../src/plugin/stanzas/vcard.js';
import { buildVerifyAnswer, parseVerify, parseVerifyAnswer } from '../../../src/plugin/stanzas/verify.js';

const NAMESPACES = [
    ...['jabber:client', 'urn:xmpp:reach:0', 'http://jabber.org/protocol/shim', 'urn:xmpp:call-invites:0'],
    ...['urn:ietf:params:xml:ns:dialog-info', 'urn:xmpp:jingle:apps:dtls:0', 'urn:ietf:params:xml:ns:pidf:caps'],
    ...['urn:ietf:params:xml:ns:vcard-4.0', 'vcard-temp', 'urn:xmpp:hints', 'urn:xmpp:jingle:1', 'urn:xmpp:sid:0'],
    ...[
        'urn:xmpp:carbons:2',
        'urn:xmpp:forward:0',
        'urn:xmpp:delay',
        'urn:xmpp:mam:2',
        'http://jabber.org/protocol/rsm',
    ],
    ...['urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b', 'urn:xmpp:sip-contact', 'urn:xmpp:sip-correlation', 'other'],
    ...['http://jabber.org/protocol/pubsub', 'http://jabber.org/protocol/pubsub#event'],
];
const NAMES = (
    'message iq thread invite accept reject retract left dialog state local remote identity target fingerprint replaces reason ' +
    'busy reach addr servcaps audio video headers header sip-contact sip-correlation verify received sent result forwarded ' +
    'delay fin set first last vcard vCard tel TEL impp uri NUMBER parameters type text origin-id event items item pubsub'
).split(' ');
const ATTRIBUTES =
    'id call-id direction code hash setup uri target value name type from to stamp queryid complete audio video node local-tag'.split(
        ' ',
    );
const VALUES = [
    ...[
        'chat',
        'groupchat',
        'error',
        'get',
        'result',
        'initiator',
        'recipient',
        'Call-ID',
        'sha-256',
        'true',
        '200',
        'c1',
    ],
    ...[
        'alice@example.org',
        'alice@example.org/web',
        'bob@example.net/web-2',
        'mallory@evil.example/x',
        'a b@c',
        '@',
        '',
    ],
    ...[
        'sip:bob@sip.example.net;gr=1?Replaces=x',
        '<sip:bob@h>;video',
        'tel:+1-303-555-1212',
        'xmpp:a@x',
        'javascript:1',
    ],
    ...[
        'sip:a%0d%0a@h',
        'sip:\u202e@h',
        'x'.repeat(1_000),
        'sip:'.repeat(100),
        '\n \t',
        '\u202e\u0085',
        'AA:'.repeat(31) + 'AA',
    ],
    ...['urn:xmpp:reach:0', 'urn:xmpp:vcard4', '2026-03-01T10:00:00Z', '0000', '9'.repeat(400), '%', '__proto__'],
];

interface Tree {
    readonly xmlns: string;
    readonly name: string;
    readonly attributes: readonly (readonly [string, string])[];
    readonly children: readonly (Tree | string)[];
}

const values = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
    fc.string({ unit: 'binary', maxLength: 300 }),
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.record({
        xmlns: fc.constantFrom(...NAMESPACES),
        name: fc.constantFrom(...NAMES),
        attributes: fc.array(fc.tuple(fc.constantFrom(...ATTRIBUTES), values), { maxLength: 5 }),
        children: fc.array(fc.oneof({ depthSize: 'small', maxDepth: 4 }, values, tie('tree')), { maxLength: 3 }),
    }),
}));

/** Puts a random tree on the way that a parser looks for, so that it gets further than the first name. */
const inside = (...path: [xmlns: string, name: string][]): fc.Arbitrary<Tree> =>
    fc
        .tuple(tree, fc.array(tree, { maxLength: 3 }))
        .map(([seed, others]) =>
            path.reduceRight<Tree>(
                (inner, [xmlns, name]) => ({ ...seed, xmlns, name, children: [...others, inner] }),
                seed,
            ),
        );

const soil = document.implementation.createDocument(null, null);

function grow({ xmlns, name, attributes, children }: Tree): Element {
    const made = soil.createElementNS(xmlns, name);
    for (const [key, value] of attributes) made.setAttribute(key, value);
    made.append(...children.map((child) => (typeof child === 'string' ? child : grow(child))));
    return made;
}

const C = 'jabber:client';
const D = 'urn:ietf:params:xml:ns:dialog-info';
const messages = fc.oneof(
    tree,
    inside([C, 'message'], ['urn:xmpp:call-invites:0', 'invite'], [D, 'dialog'], [D, 'local']),
    inside([C, 'message'], ['urn:xmpp:call-invites:0', 'accept'], [D, 'dialog'], [D, 'remote'], [D, 'identity']),
    inside([C, 'message'], ['urn:xmpp:call-invites:0', 'left'], ['urn:xmpp:jingle:1', 'reason']),
    inside([C, 'message'], ['urn:xmpp:carbons:2', 'received'], ['urn:xmpp:forward:0', 'forwarded'], [C, 'message']),
    inside([C, 'message'], ['urn:xmpp:mam:2', 'result'], ['urn:xmpp:forward:0', 'forwarded'], [C, 'message']),
    inside([C, 'message'], ['urn:xmpp:reach:0', 'reach'], ['urn:xmpp:reach:0', 'addr']),
    inside([C, 'message'], ['urn:xmpp:sip-contact', 'sip-contact']),
    inside(
        [C, 'message'],
        ['http://jabber.org/protocol/shim', 'headers'],
        ['http://jabber.org/protocol/shim', 'header'],
    ),
    inside([C, 'iq'], ['urn:uuid:a46d613b-a581-4bc2-b511-f2dc6ba15d6b', 'verify'], [D, 'dialog'], [D, 'state']),
    inside([C, 'iq'], ['urn:xmpp:mam:2', 'fin'], ['http://jabber.org/protocol/rsm', 'set']),
    inside(['urn:ietf:params:xml:ns:vcard-4.0', 'vcard'], ['urn:ietf:params:xml:ns:vcard-4.0', 'tel']),
    inside(['vcard-temp', 'vCard'], ['vcard-temp', 'TEL'], ['vcard-temp', 'NUMBER']),
);

/** Every text in a plain object. */
const textsIn = (data: unknown): string[] =>
    typeof data === 'string'
        ? [data]
        : typeof data === 'object' && data !== null && !(data instanceof Element)
          ? Object.values(data).flatMap(textsIn)
          : [];

const harmless = (data: unknown): void => {
    const bad = textsIn(data).filter((text) => text.length > 255 || /[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/u.test(text));
    expect(bad).toEqual([]);
};

describe('Whatever a stranger sends', () => {
    it('is read without an exception, and only harmless texts come out', () => {
        fc.assert(
            fc.property(messages, (seed) => {
                const stanza = grow(seed);
                const event = parseCallEvent(stanza);
                harmless(event);
                harmless(parseDialog(stanza));
                harmless(parseCallId(stanza));
                harmless(parseVerify(stanza));
                harmless(parseVerifyAnswer(stanza, 'c1'));
                harmless(parseArchivePage(stanza));
                parseEvent(stanza, 'urn:xmpp:reach:0');
                parseItems(stanza, 'urn:xmpp:vcard4');
                buildVerifyAnswer(stanza, null);
                const { uris: listed } = parseVCard(stanza);
                const { uris: said } = parseMessageReach(stanza) ?? { uris: [] };
                const dialled = [event?.dialog?.local.identity ?? null, event?.dialog?.remote.identity ?? null];
                for (const uri of [...listed, ...said, ...dialled]) {
                    if (uri !== null) expect(cleanSipAddress(uri)).toBe(uri);
                }
            }),
            { numRuns: 1_000 },
        );
    });

    it('is nobody’s word but its sender’s, as the own server stamped it', () => {
        const own = 'alice@example.org';
        fc.assert(
            fc.property(messages, (seed) => {
                const stanza = grow(seed);
                const { kind, live, jid, message, peer, outgoing } = classify(stanza, own);
                expect(live).toBe(kind === 'live' || kind === 'carbon-received');
                if (kind === 'foreign') return;
                expect(jid).not.toBe('');
                expect(peer === own || outgoing || peer === jid).toBeTrue();
                // What is taken out of a wrapper came in the own account's name.
                if (message === stanza) expect(kind).toMatch(/^(?:live|delayed|headline)$/u);
                else expect((stanza.getAttribute('from') ?? own).toLowerCase()).toBe(own);
            }),
            { numRuns: 1_000 },
        );
    });

    it('is read in time, however much it is', () => {
        const many = (inner: string): string => inner.repeat(20_000);
        const stanza = new DOMParser().parseFromString(
            `<message xmlns='${C}' type='chat' from='bob@example.net/x' id='${'i'.repeat(1_000_000)}'>
               <reach xmlns='urn:xmpp:reach:0'>${many(`<addr uri='x'/>`)}</reach>
               <invite xmlns='urn:xmpp:call-invites:0'><dialog xmlns='${D}'><local>${many('<identity/>')}</local></dialog></invite>
               <headers xmlns='http://jabber.org/protocol/shim'>${many(`<header name='x'/>`)}</headers>
               ${'<a>'.repeat(2_000)}${'</a>'.repeat(2_000)}${many('<thread/>')}
             </message>`,
            'text/xml',
        ).documentElement;
        const started = performance.now();
        expect(classify(stanza, 'alice@example.org').kind).toBe('live');
        expect(parseCallEvent(stanza)).toBeNull();
        expect(parseCallId(stanza)).toBeNull();
        expect(parseMessageReach(stanza)?.uris).toEqual([]);
        expect(performance.now() - started).toBeLessThan(1_000);
    });
});
