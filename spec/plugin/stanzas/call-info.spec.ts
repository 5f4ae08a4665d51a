import fc from 'fast-check';
import {
    buildContactHeaders,
    formatCallInfo,
    parseCallInfo,
    parseContactHeaders,
} from '../../../src/plugin/stanzas/call-info.js';
import { isHeaderValue } from '../../../src/sip-sidecar/contract/index.js';

const ALICE = { jid: 'alice@example.org', resource: null, thread: null, id: null };
const THREAD = '0c9e5f1e-0d0c-4a7b-9a55-0a7d5a3f8f10';

/** Texts as they may stand in a resource, a thread or an id. */
const identifiers = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const jids = fc
    .tuple(fc.stringMatching(/^[a-z0-9.\\+=!#$%*?^_`{|}~()[\]-]{1,20}$/u), fc.stringMatching(/^[a-zü][a-z0-9]{0,9}$/u))
    .map(([user, host]) => `${user}@${host}.example`);

describe('Call-Info: what is sent', () => {
    it('is the bare JID as other clients know it, then the form with device, thread and announcement', () => {
        expect(formatCallInfo({ jid: 'alice@example.org', resource: 'web-7', thread: THREAD, id: 'ci-9f0e' })).toBe(
            '<xmpp:alice@example.org>;purpose=impp, ' +
                `<xmpp:alice@example.org/web-7?message;thread=${THREAD};id=ci-9f0e>;purpose=impp`,
        );
    });

    it('keeps the device to itself where none is given', () => {
        expect(formatCallInfo({ jid: 'alice@example.org', thread: 'T' })).toBe(
            '<xmpp:alice@example.org>;purpose=impp, <xmpp:alice@example.org?message;thread=T>;purpose=impp',
        );
        expect(formatCallInfo({ jid: 'alice@example.org' })).toBe('<xmpp:alice@example.org>;purpose=impp');
        expect(formatCallInfo({ jid: 'Alice@Example.org/web-7' })).toBe('<xmpp:alice@example.org>;purpose=impp');
    });

    it('escapes everything that is not plain', () => {
        expect(formatCallInfo({ jid: 'u@h', resource: 'a/b c', thread: 'x=y' })).toContain(
            '<xmpp:u@h/a%2Fb%20c?message;thread=x%3Dy>',
        );
        expect(formatCallInfo({ jid: 'o\\27malley@h', resource: `'(>,*!;"` })).toContain(
            '<xmpp:o%5C27malley@h/%27%28%3E%2C%2A%21%3B%22?message>',
        );
        expect(formatCallInfo({ jid: 'jürgen@h' })).toBe('<xmpp:j%C3%BCrgen@h>;purpose=impp');
    });

    it('is nothing for what is no JID, and never breaks a header', () => {
        for (const jid of [
            '',
            'a b@h',
            'a@b@c',
            'a@h\r\nX: y',
            '@h',
            `${'x'.repeat(260)}@h`,
            'a@\u202eh',
            '\ud800@h',
        ]) {
            expect(formatCallInfo({ jid })).withContext(JSON.stringify(jid)).toBeNull();
        }
        expect(formatCallInfo({ jid: 'a@h', resource: 'x\r\nVia: y', thread: 'a\0', id: '\ud800' })).toBe(
            '<xmpp:a@h>;purpose=impp',
        );
    });

    it('leaves out what makes it too long for a header', () => {
        const long = 'ü'.repeat(200);
        expect(formatCallInfo({ jid: 'a@h', resource: long })).toBe('<xmpp:a@h>;purpose=impp');
        expect(formatCallInfo({ jid: `${long}@h` })).toBeNull();
    });

    it('is one line that comes back as it went, whatever is in it', () => {
        const parts = fc.record({ jid: jids, resource: identifiers, thread: identifiers, id: identifiers });
        fc.assert(
            fc.property(parts, (parts) => {
                const value = formatCallInfo(parts)!;
                expect(isHeaderValue(value)).toBeTrue();
                expect(value).toMatch(/^[\x20-\x7e]+$/u);
                const clean = (text: string): string | null => {
                    const trimmed = text.trim();
                    return trimmed === '' || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(trimmed) ? null : trimmed;
                };
                const { jid, resource, thread, id } = parts;
                if (!value.includes(', ')) {
                    expect([resource, thread, id].every((text) => clean(text) === null)).toBeTrue();
                    return;
                }
                expect(parseCallInfo([value])).toEqual({
                    jid,
                    resource: clean(resource),
                    thread: clean(thread),
                    id: clean(id),
                });
            }),
            { numRuns: 300 },
        );
    });
});

describe('Call-Info: what is read', () => {
    it('is what a caller of ours says, in one header or in several', () => {
        const one = '<xmpp:alice@example.org>;purpose=impp';
        const two = '<xmpp:alice@example.org/web-7?message;thread=T1;id=ci-9>;purpose=impp';
        const said = { jid: 'alice@example.org', resource: 'web-7', thread: 'T1', id: 'ci-9' };
        expect(parseCallInfo([`${one}, ${two}`])).toEqual(said);
        expect(parseCallInfo([one, two])).toEqual(said);
        expect(parseCallInfo([two])).toEqual(said);
    });

    it('is what other clients write (RFC 6993), in any case and spacing, beside icons and cards', () => {
        for (const value of [
            '<xmpp:alice@example.org>;purpose=impp',
            '<xmpp:alice@example.org> ;purpose=impp',
            '<XMPP:Alice@EXAMPLE.org>;PURPOSE=IMPP',
            '< xmpp:alice@example.org >\t; x="a, <b>;\\"" ; purpose = impp;y',
            '<http://x.example/a,b.png>;purpose=icon,<xmpp:alice@example.org>;purpose=impp',
            '<xmpp:alice@example.org?message>;purpose=impp',
            '<xmpp:alice@example.org#x>;purpose=impp',
        ]) {
            expect(parseCallInfo([value]))
                .withContext(value)
                .toEqual(ALICE);
        }
        const three = ['icon', 'info', 'card'].map((purpose) => `<http://x.example/>;purpose=${purpose}`);
        expect(parseCallInfo([...three, '<xmpp:alice@example.org>;purpose=impp'])).toEqual(ALICE);
    });

    it('brings resource and thread back from their escapes', () => {
        expect(parseCallInfo(['<xmpp:u@h/a%2Fb%20c?message;thread=x%3Dy>;purpose=impp'])).toEqual({
            jid: 'u@h',
            resource: 'a/b c',
            thread: 'x=y',
            id: null,
        });
    });

    it('is nothing where two JIDs are named, or one cannot be read', () => {
        for (const value of [
            '<xmpp:a@x>;purpose=impp, <xmpp:b@x>;purpose=impp',
            '<xmpp:a@x>;purpose=impp, <xmpp:a@x>;purpose=impp, <xmpp:b@x>;purpose=impp',
            '<xmpp:a@x>;purpose=impp, <xmpp:%zz@x>;purpose=impp',
            '<xmpp://e@x/a@x>;purpose=impp',
            '<xmpp:>;purpose=impp',
            '<xmpp:a@b@x>;purpose=impp',
            '<xmpp:a b@x>;purpose=impp',
            '<xmpp:a%0D%0AVia:@x>;purpose=impp',
            '<xmpp:a@x%00>;purpose=impp',
            '<xmpp:%E2%80%AEa@x>;purpose=impp',
            '<xmpp:a%EF%BF%BE@x>;purpose=impp',
            `<xmpp:${'a'.repeat(300)}@x>;purpose=impp`,
        ]) {
            expect(parseCallInfo([value]))
                .withContext(value)
                .toBeNull();
        }
    });

    it('takes no escaped sign for one that divides the JID', () => {
        for (const uri of [
            'xmpp:boss%40bank.example',
            'xmpp:boss%40bank.example%2F@x',
            'xmpp:boss@bank.example%2Fy.x',
        ]) {
            expect(parseCallInfo([`<${uri}>;purpose=impp`]))
                .withContext(uri)
                .toBeNull();
        }
    });

    it('is nothing without purpose impp and scheme xmpp, or inside quotes', () => {
        for (const value of [
            '',
            '<http://x/>;purpose=info',
            '<xmpp:a@x>',
            '<xmpp:a@x>;purpose=icon',
            '<xmpp:a@x>;purpose=imppx',
            '<xmpp:a@x>;x="y;purpose=impp"',
            '<xmpp:a@x>;x="y;purpose=impp;z"',
            '<xmpp:a@x>;x="\\";purpose=impp;"',
            '<http://x/>;y="<xmpp:a@x>;purpose=impp"',
            '"<xmpp:a@x>;purpose=impp" <http://x/>',
            'xmpp:a@x;purpose=impp',
            '<xmpp:a@x',
            '<<xmpp:a@x>>;purpose=impp',
        ]) {
            expect(parseCallInfo([value]))
                .withContext(value)
                .toBeNull();
        }
    });

    it('ignores what it does not know, and never a second word on the same', () => {
        expect(
            parseCallInfo(['<xmpp:a@x/r?message;body=x;subject=y;type=z;THREAD=T;thread=U;id=%0A>;purpose=impp']),
        ).toEqual({ jid: 'a@x', resource: 'r', thread: 'T', id: null });
        expect(parseCallInfo(['<xmpp:a@x?join;thread=T>;purpose=impp'])?.thread).toBeNull();
        expect(parseCallInfo(['<xmpp:a@x?thread=T>;purpose=impp'])?.thread).toBeNull();
    });

    it('is never put together out of several', () => {
        const [bare, device, first, second] = ['', '/r1', '/r2?message;thread=T', '?message;thread=U;id=I'].map(
            (rest) => `<xmpp:a@x${rest}>;purpose=impp`,
        ) as [string, string, string, string];
        expect(parseCallInfo([bare, first, second])).toEqual({ jid: 'a@x', resource: 'r2', thread: 'T', id: null });
        expect(parseCallInfo([device, second])).toEqual({ jid: 'a@x', resource: null, thread: 'U', id: 'I' });
        expect(parseCallInfo([bare, device])).toEqual({ jid: 'a@x', resource: 'r1', thread: null, id: null });
    });

    it('leaves out what is too long, and keeps the rest', () => {
        const long = `<xmpp:a@x?message;thread=${'t'.repeat(1_100)}>;purpose=impp`;
        expect(parseCallInfo([long])).toBeNull();
        expect(parseCallInfo(['<xmpp:a@x>;purpose=impp', long])?.jid).toBe('a@x');
        expect(parseCallInfo([`<xmpp:a@x/${'r'.repeat(300)}>;purpose=impp`])).toEqual({
            jid: 'a@x',
            resource: null,
            thread: null,
            id: null,
        });
    });

    it('is quick with a flood', () => {
        const started = performance.now();
        for (const sign of ['<', '"', '"\\', ',', ';', '<>', '<xmpp:a@x>;purpose=impp,', ' ']) {
            parseCallInfo(Array.from({ length: 1_000 }, () => sign.repeat(100_000)));
        }
        expect(performance.now() - started).toBeLessThan(2_000);
    });

    it('never throws, and names only JIDs and texts that are harmless, whatever comes', () => {
        const piece = fc.constantFrom(
            ...[
                '<',
                '>',
                'xmpp:',
                'a@x',
                '/',
                '?message',
                ';thread=',
                ';id=',
                ';purpose=impp',
                ',',
                '"',
                '\\',
                '%',
                '%40',
            ],
            ...['%2F', '%00', '\r\n', '\0', '\u202e', '\ud800', '//', '#', ' ', ';', '='],
        );
        const value = fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 }))).map((all) => all.join(''));
        const shaped = fc.array(piece, { maxLength: 8 }).map((all) => `<xmpp:${all.join('')}>;purpose=impp`);
        fc.assert(
            fc.property(fc.array(fc.oneof(value, shaped), { maxLength: 4 }), (values) => {
                const info = parseCallInfo(values);
                if (info === null) return;
                expect(info.jid).toMatch(/^(?:[^\s@/]+@)?[^\s@/]+$/u);
                for (const text of Object.values(info)) {
                    if (text !== null) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
                }
                expect(parseCallInfo([formatCallInfo(info) ?? ''])).toEqual(info);
            }),
            { numRuns: 2_000 },
        );
    });
});

describe('The headers beside Call-Info', () => {
    it('are those of the drafts', () => {
        expect(
            parseContactHeaders([
                ['XMPP-Thread', 'e0ffe42b28561960c6b12b944a092794b9683a38'],
                ['XMPP-Contact', '<xmpp:bob@domain.example/Home>;a84b4c76e66710@ua-991.domain.example'],
            ]),
        ).toEqual({
            contact: { jid: 'bob@domain.example', resource: 'Home', thread: null, id: null },
            thread: 'e0ffe42b28561960c6b12b944a092794b9683a38',
            correlation: 'a84b4c76e66710@ua-991.domain.example',
        });
        expect(parseContactHeaders([['XMPP-Thread', 'T']])).toEqual({
            contact: null,
            thread: 'T',
            correlation: null,
        });
    });

    it('are those that a B2BUA lets through, as they were sent', () => {
        const headers = buildContactHeaders(['X-XMPP-Contact', 'X-XMPP-Thread'], {
            jid: 'Alice@example.org/r',
            thread: 'T',
        });
        expect(headers).toEqual([
            ['X-XMPP-Contact', 'alice@example.org'],
            ['X-XMPP-Thread', 'T'],
        ]);
        expect(parseContactHeaders(headers)).toEqual({
            contact: { jid: 'alice@example.org', resource: null, thread: null, id: null },
            thread: 'T',
            correlation: null,
        });
        expect(buildContactHeaders(['X-XMPP-Contact', 'X-XMPP-Thread'], { jid: 'a b', thread: 'x\r\ny' })).toEqual([]);
    });

    it('are nothing where nothing can be read', () => {
        const nothing = { contact: null, thread: null, correlation: null };
        for (const value of [
            '',
            '<xmpp:a@b@c>',
            '"a" <xmpp:a@x>',
            'xmpp://e@x/a@x',
            'a\r\nb@x',
            `${'a'.repeat(2_000)}@x`,
        ]) {
            expect(parseContactHeaders([['XMPP-Contact', value]]))
                .withContext(value.slice(0, 40))
                .toEqual(nothing);
        }
        expect(parseContactHeaders([])).toEqual(nothing);
        expect(parseContactHeaders([['X-XMPP-Thread', 'x'.repeat(256)]])).toEqual(nothing);
    });

    it('are read in time, however long they are', () => {
        const started = performance.now();
        for (const sign of [' ', '<', ';', 'a', '<xmpp:']) {
            parseContactHeaders([['XMPP-Contact', `${sign.repeat(200_000)}<`]]);
        }
        expect(performance.now() - started).toBeLessThan(1_000);
    });

    it('never throw, whatever comes', () => {
        const value = fc.oneof(
            fc.string({ unit: 'binary' }),
            fc
                .array(fc.constantFrom('<', '>', 'xmpp:', 'a@x', ';', '%', '\r\n', '?message;thread=T'))
                .map((all) => all.join('')),
        );
        fc.assert(
            fc.property(fc.array(fc.tuple(fc.constantFrom('XMPP-Contact', 'X-Thread'), value)), (headers) => {
                const { contact, ...said } = parseContactHeaders(headers);
                for (const text of Object.values({ ...contact, ...said })) {
                    if (text !== null) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
                }
            }),
            { numRuns: 1_000 },
        );
    });
});
