import type { DialogRecord } from '../../../src/sip-sidecar/contract/index.js';
import {
    judge,
    peerOf,
    readReplaces,
    writeReplaces,
    type Claimant,
    type Named,
    type Replaces,
} from '../../../src/sip-sidecar/agent/replaces.js';

const DIALOG: DialogRecord = {
    callId: '98asjd8@test.com',
    localTag: 'xyz',
    remoteTag: '786',
    localUri: 'sip:alice@example.net',
    remoteUri: 'sip:bob@example.net',
    target: 'sip:bob@example.net;gr=urn:uuid:1',
    routes: [],
    localSequence: 1,
};

describe('The Replaces header', () => {
    const good: [value: string, replaces: Replaces][] = [
        [
            '98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff',
            { callId: '98732@sip.example.com', toTag: 'ff87ff', fromTag: 'r33th4x0r', earlyOnly: false },
        ],
        [
            '12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only',
            { callId: '12adf2f34456gs5', toTag: '12345', fromTag: '54321', earlyOnly: true },
        ],
        [' a ; TO-TAG = 1 ; From-Tag=2;x;y="quoted";z=1 ', { callId: 'a', toTag: '1', fromTag: '2', earlyOnly: false }],
        [
            `<"?{}[]/\\'()>~!*:%.+;to-tag=0;from-tag=~'`,
            { callId: `<"?{}[]/\\'()>~!*:%.+`, toTag: '0', fromTag: "~'", earlyOnly: false },
        ],
    ];
    for (const [value, replaces] of good) {
        it(`${value} names a dialog`, () => {
            expect(readReplaces([value])).toEqual(replaces);
        });
    }

    const bad: [what: string, values: string[]][] = [
        ['nothing', []],
        ['an empty one', ['']],
        ['no tag', ['a']],
        ['one tag', ['a;to-tag=1']],
        ['the other tag', ['a;from-tag=1']],
        ['empty tags', ['a;to-tag=;from-tag=']],
        ['tags without a value', ['a;to-tag;from-tag']],
        ['no Call-ID', [';to-tag=1;from-tag=2']],
        ['tags in quotes', ['a;to-tag="1";from-tag="2"']],
        ['a tag twice', ['a;to-tag=1;from-tag=2;to-tag=3']],
        ['a tag with a blank', ['a;to-tag=1 2;from-tag=2']],
        ['a Call-ID with a blank', ['a b;to-tag=1;from-tag=2']],
        ['a Call-ID with two @', ['a@b@c;to-tag=1;from-tag=2']],
        ['two dialogs in one field', ['a;to-tag=1;from-tag=2, b;to-tag=1;from-tag=2']],
        ['two fields', ['a;to-tag=1;from-tag=2', 'a;to-tag=1;from-tag=2']],
        ['a second dialog without tags', ['a;to-tag=1;from-tag=2, b']],
        ['control characters', ['a;to-tag=1\u0000;from-tag=2']],
        ['a line break', ['a;to-tag=1;from-tag=2\r\nX: y']],
        ['other alphabets', ['ä;to-tag=1;from-tag=2']],
        ['punctuation', ['garbage;;=']],
        ['100 kB', [`${'a'.repeat(100_000)};to-tag=1;from-tag=2`]],
        ['100 kB of parameters', [`a;to-tag=1;from-tag=2${';x=y'.repeat(25_000)}`]],
        ['100 kB of quotes', [`a;to-tag=1;from-tag=2;x="${'"'.repeat(100_000)}`]],
    ];
    for (const [what, values] of bad) {
        it(`with ${what} is malformed`, () => {
            expect(readReplaces(values)).toBeNull();
        });
    }

    it('names the dialog as the other side has it', () => {
        expect(writeReplaces(DIALOG)).toBe('Replaces: 98asjd8@test.com;to-tag=786;from-tag=xyz');
    });

    it('is not written where a Call-ID or a tag of theirs would break it', () => {
        expect(writeReplaces({ ...DIALOG, callId: 'a;to-tag=1' })).toBeNull();
        expect(writeReplaces({ ...DIALOG, remoteTag: '1\r\nX: y' })).toBeNull();
        expect(writeReplaces({ ...DIALOG, remoteTag: '' })).toBeNull();
    });

    it('goes to the very device where it has a GRUU, else to the address of record', () => {
        expect(peerOf(DIALOG)).toBe('sip:bob@example.net;gr=urn:uuid:1');
        expect(peerOf({ ...DIALOG, target: 'sip:x7@far.invalid;transport=ws' })).toBe('sip:bob@example.net');
        expect(peerOf({ ...DIALOG, target: 'sip:x@h', remoteUri: 'sip:+15550100@gw.example;user=phone' })).toBe(
            'sip:+15550100@gw.example;user=phone',
        );
        expect(peerOf({ ...DIALOG, target: 'javascript:alert(1)', remoteUri: 'garbage' })).toBe('');
    });
});

describe('An INVITE that wants to take over a call', () => {
    const REPLACES: Replaces = { callId: 'a', toTag: '1', fromTag: '2', earlyOnly: false };
    const NAMED: Named = { peers: ['sip:bob@example.net', 'sip:b@device'], fingerprints: ['sha-256 AA'], ours: null };
    const CLAIMANT: Claimant = { callId: 'm', address: 'sip:bob@example.net', fingerprints: ['sha-256 AA'] };

    const table: [
        what: string,
        verdict: ReturnType<typeof judge>,
        replaces: Replaces | null,
        named: Named | null,
        claimant: Partial<Claimant>,
        asking?: boolean,
    ][] = [
        ['with a malformed Replaces is refused', 400, null, NAMED, {}],
        ['of a dialog that we do not have is refused', 481, REPLACES, null, {}],
        ['only while it rings, is refused when it was answered', 486, { ...REPLACES, earlyOnly: true }, NAMED, {}],
        ['whose media was never up is refused', 486, REPLACES, { ...NAMED, fingerprints: [] }, {}],
        ['of the same peer with the same fingerprint goes on', 'continue', REPLACES, NAMED, {}],
        ['goes on also while the person is asked about another one', 'continue', REPLACES, NAMED, {}, true],
        [
            'of the same peer by a GRUU goes on',
            'continue',
            REPLACES,
            NAMED,
            { address: 'sip:bob@EXAMPLE.net;gr=urn:uuid:2' },
        ],
        ['by the address of its device goes on', 'continue', REPLACES, NAMED, { address: 'sips:b@device' }],
        ['with another fingerprint is a question', 'ask', REPLACES, NAMED, { fingerprints: ['sha-256 BB'] }],
        [
            'with another fingerprint beside the right one is a question',
            'ask',
            REPLACES,
            NAMED,
            { fingerprints: ['sha-256 AA', 'sha-256 BB'] },
        ],
        ['without a fingerprint is a question', 'ask', REPLACES, NAMED, { fingerprints: [] }],
        ['of another user is a question', 'ask', REPLACES, NAMED, { address: 'sip:mallory@example.net' }],
        ['of another domain is a question', 'ask', REPLACES, NAMED, { address: 'sip:bob@example.org' }],
        ['of nobody is a question', 'ask', REPLACES, NAMED, { address: '' }],
        [
            'of nobody is a question also for a call with nobody',
            'ask',
            REPLACES,
            { ...NAMED, peers: [''] },
            { address: '' },
        ],
        ['is refused while the person is asked already', 486, REPLACES, NAMED, { address: '' }, true],
        ['that crosses ours with a higher Call-ID is refused', 491, REPLACES, { ...NAMED, ours: 'l' }, {}],
        ['that crosses ours with a lower Call-ID goes on', 'continue', REPLACES, { ...NAMED, ours: 'n' }, {}],
        ['of somebody else that crosses ours is a question', 'ask', REPLACES, { ...NAMED, ours: 'l' }, { address: '' }],
    ];
    for (const [what, verdict, replaces, named, claimant, asking = false] of table) {
        it(what, () => {
            expect(judge(replaces, named, { ...CLAIMANT, ...claimant }, asking)).toBe(verdict);
        });
    }
});
