import { areAnnounced, buildDialog, parseDialog, type DialogParts } from '../../../src/plugin/stanzas/dialog.js';
import { meaning, text, xml } from '../support/xml.js';

const A = `sha-256 ${Array.from({ length: 32 }, () => 'AA').join(':')}`;
const B = `sha-512 ${Array.from({ length: 64 }, () => 'BB').join(':')}`;

const parse = (inner: string, attributes = ''): ReturnType<typeof parseDialog> =>
    parseDialog(xml(`<x><dialog xmlns='urn:ietf:params:xml:ns:dialog-info' ${attributes}>${inner}</dialog></x>`));

const print = (hash: string, value: string, xmlns = 'urn:xmpp:jingle:apps:dtls:0'): string =>
    `<fingerprint xmlns='${xmlns}' hash='${hash}'>${value}</fingerprint>`;

describe('RFC 4235 dialog', () => {
    it('comes back as it was written', () => {
        const full = {
            callId: 'abc@host',
            direction: 'recipient',
            local: { identity: 'sip:bob@b.example', fingerprints: [A, B] },
            remote: { identity: 'sip:alice@a.example', fingerprints: [B] },
            replaces: 'old',
        } as const;
        const parent = xml('<x/>');
        parent.append(buildDialog(full));
        expect(parseDialog(xml(text(parent)))).toEqual(full);
    });

    it('needs nothing to be read', () => {
        const nobody = { identity: null, fingerprints: [] };
        expect(parse('')).toEqual({
            callId: null,
            direction: null,
            local: nobody,
            remote: nobody,
            replaces: null,
        });
        expect(parseDialog(xml('<x/>'))).toBeNull();
        expect(parseDialog(xml(`<x><dialog xmlns='other'/></x>`))).toBeNull();
        expect(parseDialog(xml(`<x><y><dialog xmlns='urn:ietf:params:xml:ns:dialog-info'/></y></x>`))).toBeNull();
    });

    it('never carries a tag', () => {
        const parts = { callId: 'c', localTag: 'a', remoteTag: 'b', replaces: 'd' } as DialogParts;
        expect(text(buildDialog(parts))).not.toContain('tag');
        expect(JSON.stringify(parse('', `call-id='c' local-tag='secret' remote-tag='secret'`))).not.toContain('secret');
    });

    it('leaves out identifiers that cannot be sent', () => {
        expect(meaning(buildDialog({ callId: '\u0000', replaces: 'y'.repeat(256) }))).toEqual(
            meaning(xml(`<dialog xmlns='urn:ietf:params:xml:ns:dialog-info'/>`)),
        );
    });

    it('reads no direction and no identifier that is none', () => {
        const read = parse(`<replaces call-id='${'y'.repeat(256)}'/>`, `direction='Initiator'`)!;
        expect([read.direction, read.replaces]).toEqual([null, null]);
        expect(parse('', `call-id='a&#10;b'`)?.callId).toBeNull();
    });

    it('cleans the addresses', () => {
        const read = parse(
            `<local><identity display='x'> SIP:Alice@A.example;method=BYE?Replaces=x </identity></local>
             <remote><identity>javascript:alert(1)</identity></remote>`,
        )!;
        expect(read.local).toEqual({
            identity: 'sip:Alice@a.example',
            fingerprints: [],
        });
        expect(read.remote).toEqual({ identity: null, fingerprints: [] });
    });

    it('reads fingerprints in one form, each once', () => {
        const [, value = ''] = A.split(' ');
        const read = parse(
            `<local>${print('SHA-256', `\n ${value.toLowerCase()} `)}${print('sha-256', value)}${print('sha-512', B.slice(8))}</local>`,
        )!;
        expect(read.local.fingerprints).toEqual([A, B]);
    });

    it('reads fingerprints in any case', () => {
        const [, value = ''] = A.split(' ');
        expect(parse(`<remote>${print('Sha-256', value.toLowerCase())}</remote>`)?.remote.fingerprints).toEqual([A]);
    });

    it('takes nothing for a fingerprint that is none', () => {
        const [, value = ''] = A.split(' ');
        const bad = [
            print('md5', value),
            print('sha-1', value),
            print('', value),
            print('sha-256', value.slice(3)),
            print('sha-256', `${value}:`),
            print('sha-256', value.replace('AA', 'GG')),
            print('sha-256', value.replaceAll(':', '')),
            print('sha-256', 'AA:'.repeat(100_000)),
            print('sha-256', value, 'urn:xmpp:jingle:apps:dtls:1'),
            print('sha-256 ', value),
        ];
        expect(parse(`<local>${bad.join('')}</local>`)?.local.fingerprints).toEqual([]);
    });

    it('reads no more than it needs of a flood', () => {
        const flood = Array.from({ length: 5_000 }, (_, index) =>
            print('sha-256', A.slice(8).replace('AA', index.toString(16).padStart(4, '0').slice(-2).toUpperCase())),
        );
        expect(parse(`<local>${flood.join('')}</local>`)?.local.fingerprints.length).toBe(8);
    });
});

describe('The announced media of a call', () => {
    it('are the announced ones only where every fingerprint was announced, and there is one', () => {
        expect(areAnnounced([A], [A, B])).toBeTrue();
        expect(areAnnounced([A, B], [B, A])).toBeTrue();
        expect(areAnnounced([A, B], [A])).toBeFalse();
        expect(areAnnounced([], [A])).toBeFalse();
        expect(areAnnounced([], [])).toBeFalse();
        expect(areAnnounced([A], [])).toBeFalse();
    });
});
