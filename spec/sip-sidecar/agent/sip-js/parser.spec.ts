import fc from 'fast-check';
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import { parse as parsePeg } from 'sip.js/lib/grammar/pegjs/dist/grammar.js';
import type { NameAddrHeader } from 'sip.js/lib/grammar/name-addr-header.js';
import { URI } from 'sip.js/lib/grammar/uri.js';
import {
    parseMessage,
    readAddress,
    readReplaced,
    type Parameters,
} from '../../../../src/sip-sidecar/agent/sip-js/parser.js';

const REFUSED = 'refused';

const FIELDS: Readonly<Record<string, string>> = {
    Via: 'SIP/2.0/WSS far.invalid;branch=z9hG4bK1',
    From: '<sip:bob@example.org>;tag=far',
    To: '<sip:alice@example.net>',
    'Call-ID': 'a',
    CSeq: '1 INVITE',
};

/** A message with one thing in it. */
function message(name: string, value: string): IncomingMessage | null {
    const first = name === 'First line' ? value : 'INVITE sip:alice@example.net SIP/2.0';
    const fields = Object.entries(name === 'First line' ? FIELDS : { ...FIELDS, [name]: value });
    return parseMessage([first, ...fields.map((field) => field.join(': ')), '', ''].join('\r\n'));
}

function generated(rule: string, input: string): unknown {
    const options: { startRule: string; data?: unknown } = { startRule: rule };
    try {
        parsePeg(input, options);
    } catch {
        return REFUSED;
    }
    return options.data === -1 ? REFUSED : options.data;
}

/** What the generated parser says of a URI that we have left as it was. */
const uriOf = (uri: unknown): unknown => {
    const read = typeof uri === 'string' ? generated('SIP_URI', uri) : uri;
    if (!(read instanceof URI)) return read;
    const { user, host, port, parameters, headers } = read;
    return { text: read.toRaw(), user, host, port, parameters, headers };
};

const address = (uri: unknown, parameters: Readonly<Record<string, string | null | undefined>>): unknown => ({
    uri: uriOf(uri),
    // The generated parser has these as numbers: 060 is 60, and 0.50 is 0.5.
    parameters: Object.entries(parameters)
        .map(([key, value]) => [key, value && ['q', 'expires'].includes(key) ? String(Number(value)) : (value ?? null)])
        .sort(),
});

const parsedAddress = ({ uri, parameters }: NameAddrHeader): unknown => address(uri, parameters);
const ourAddress = (value: string): unknown => {
    const read = readAddress(value);
    return read && address(read.uri, read.parameters);
};

interface Both {
    ours(read: IncomingMessage, input: string): unknown;
    theirs(read: never): unknown;
}

const party: Both = { ours: (_, input) => ourAddress(input), theirs: parsedAddress };
const addresses = (name: string): Both => ({
    ours: (read) => read.getHeaders(name).map(ourAddress),
    theirs: (read: { parsed: NameAddrHeader }[]) => read.map(({ parsed }) => parsedAddress(parsed)),
});

const BOTH: Readonly<Record<string, Both>> = {
    'First line': {
        ours: (read) => {
            if (!(read instanceof IncomingRequestMessage)) return (read as { statusCode?: number }).statusCode;
            return { method: read.method, uri: uriOf(read.data.split(' ')[1]) };
        },
        theirs: (read: { status_code?: number; method?: string; uri: URI }) =>
            read.status_code ?? { method: read.method, uri: uriOf(read.uri) },
    },
    Via: {
        ours: ({ via, viaBranch }) => ({ host: via.host, port: via.port || undefined, branch: viaBranch }),
        theirs: ({ host, port, branch = '' }: { host: string; port?: number; branch?: string }) => ({
            host,
            port: port === 0 ? undefined : port,
            branch,
        }),
    },
    From: party,
    To: party,
    Contact: addresses('contact'),
    'Record-Route': addresses('record-route'),
    'Call-ID': { ours: ({ callId }) => callId, theirs: (read) => read },
    'Content-Length': { ours: (read) => Number(read.getHeader('content-length')), theirs: (read) => read },
    CSeq: {
        ours: ({ cseq: value }, input) => ({ value, method: input.replace(/^\d+\s+/u, '') }),
        theirs: (read) => read,
    },
};

const ours = (name: string, input: string): unknown => {
    const read = message(name, input);
    return read === null ? REFUSED : BOTH[name]?.ours(read, input);
};
const theirs = (name: string, input: string): unknown => {
    const read = generated(name === 'First line' ? 'Request_Response' : name.replace('-', '_'), input);
    return read === REFUSED ? REFUSED : BOTH[name]?.theirs(read as never);
};

/** Read by both, and with the same result. */
const accepted: Readonly<Record<string, readonly string[]>> = {
    'First line': [
        'INVITE sip:bob@biloxi.com SIP/2.0',
        'SIP/2.0 180 Ringing',
        'SIP/2.0 200 OK',
        'SIP/2.0 100 Trying -- your call is important to us',
        'SIP/2.0 100 ',
        'SIP/2.0 481 Call/Transaction Does Not Exist',
        'SIP/2.0 407 Proxy Authentication Required',
        'SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое',
        'REGISTER sip:localhost SIP/2.0',
        'ACK sip:8kq1pp5d@f0f0f0.invalid;transport=ws;ob SIP/2.0',
        'BYE sip:dave@127.0.0.1:5062;transport=udp SIP/2.0',
        'OPTIONS sip:user@[2001:db8::10] SIP/2.0',
        'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
        'INVITE sip:sips%3Auser%40example.com@company.com;other-param=summit SIP/2.0',
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
        'RE%47IST%45R sip:registrar.example.com SIP/2.0',
        'OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0',
        'OPTIONS sip:user@example.com SIP/2.0',
        'INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0',
        'sip/2.0 200 OK',
        'REGISTER sip:[2001:db8::10] SIP/2.0',
    ],
    Via: [
        'SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds',
        'SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bKnashds8',
        'SIP/2.0/UDP 192.0.2.1:5060 ;received=192.0.2.207;branch=z9hG4bK77asjd',
        'SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;branch=z9hG4bKa7c6a8dlze.1',
        'SIP/2.0/WS f0f0.invalid;rport=40124;received=127.0.0.1;branch=z9hG4bK7c22.8bf3aa21.0',
        'SIP/2.0/TCP 127.0.0.1:5061;rport;branch=z9hG4bKd2d3.6a.0;i=3b72;alias',
        'SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111',
        'SIP/2.0/WS df7jal23ls0d.invalid;received=2001:db8::9:255;branch=z9hG4bKas3-112',
        "SIP/2.0/UDP t1.example.org;branch=z9hG4bK-.!%66*_+`'~",
        'SIP/2.0/UDP  host;unknown="a;b,c" ; branch=z9hG4bK1',
    ],
    From: [
        'sip:bob@example.com',
        'sip:bob@example.com;tag=887s',
        '"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s',
        'Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8',
        'Alice Bob <sip:alice@atlanta.com>;tag=1928301774;x=1',
        '<sip:alice@atlanta.com;transport=TCP?Subject=hi&Subject=there>;tag=9fxced76sl',
        '"J Rosenberg \\\\\\""       <sip:jdrosen@example.com>  ;  tag = 98asjd8',
        '"\\"\\"" <sip:quote@example.net>;tag=1',
        '"" <sip:nobody@example.net>;tag=1',
        '<sips:+12125551212@server.phone2net.com;user=PHONE>;tag=887s',
        '"Müller, Jürgen ☎" <sip:mj%C3%BC@example.net:5061;lr=on>;tag=x',
        '<sip:alice:secret@example.net>;Tag=A;b="c;d"',
        'sip:caller@[::ffff:192.0.2.10]:19823;x-y="Ab"',
        'caller<sip:caller@example.com>;tag=323',
        '<sip:alice@example.net>',
        '<SIP:ALICE@EXAMPLE.NET:5060>',
        '<sips:alice@example.net;Transport=TLS;Method=INVITE;gr=urn:uuid:1>',
        '<sip:example.net>',
        '<sip:a@1.2.3.4:0>',
        '<sip:a@[1:2:3:4:5:6:7:8]>',
        '<sip:a@[1:2:3:4:5:6:7::]>',
        '<sip:a@[::1]>',
        '<sip:a@[::2:3:4:5:6:7:8]>',
        '<sip:a@[fe80::1:2]>',
        '<sip:a@[1:2:3:4:5:6:192.0.2.1]>',
        '<sip:a@under_score.example>',
        '<sip:%C3%A4;x=1/2&3$4@h;p=[x]:y>',
        '<sip:alice@example.net;__proto__=x;a>',
    ],
    To: ['The Operator <sip:operator@cs.columbia.edu>;tag=287447', 'sip:+12125551212@server.phone2net.com'],
    Contact: [
        '"Mr. Watson" <sip:watson@worcester.bell-telephone.com>;q=0.7; expires=3600,"Mr. Watson" <sip:watson@bell-telephone.com> ;q=0.1',
        '<sips:bob@192.0.2.4>;expires=60',
        'sip:bob@192.0.2.4:5060;expires=060;q=0.50',
        '<sip:u@h.invalid;transport=ws>;+sip.instance="<urn:uuid:00000000-0000-4000-8000-000000000001>";reg-id=1;pub-gruu="sip:alice@localhost;gr=urn:uuid:00000000-0000-4000-8000-000000000001";expires=120',
        '<sip:dave@127.0.0.1:40210;transport=udp> , <sip:a@b?x=y>;q=1.0',
        '<sip:caller@host5.example.net;lr;name%66=x>;name="\\"q\\""',
    ],
    'Record-Route': [
        '<sip:127.0.0.1:5060;transport=ws;r2=on;lr=on;ftag=as7d;nat=yes>,<sip:127.0.0.1;r2=on;lr>',
        '<sip:p1.example.com;lr> , "x" <sip:p2.example.com;lr>;a=b',
        '<sip:[2001:db8::1]:5060;lr>',
    ],
    'Call-ID': [
        'f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com',
        'dblreq.0ha0isndaksdj99sdfafnl3lk233412',
        'a"<>[]{}?/\\:@b',
    ],
    'Content-Length': ['0', '349', '0005'],
    CSeq: ['4711 INVITE', '0009 INVITE', '1  FOO%BAR', '2147483647 ACK'],
};

/** Refused by both. */
const refused: Readonly<Record<string, readonly string[]>> = {
    'First line': [
        '',
        ' INVITE sip:a@b SIP/2.0',
        'INVITE sip:a@b  SIP/2.0',
        'INVITE <sip:a@b> SIP/2.0',
        'INVITE sip:a@b; lr SIP/2.0',
        'INVITE sip:a@b SIP/2.0 ',
        'INVITE sip:a@b',
        'SIP/2.0 4294967301 better not break the receiver',
        'SIP/2.0 20 OK',
        'SIP/2.0 200',
        'GET / HTTP/1.1',
    ],
    Via: [
        '',
        'SIP/2.0/UDP',
        'SIP/2.0 h',
        'SIP/2.0/UDP h;;branch=1',
        'SIP/2.0/UDP 192.0.2.1;branch="',
        'SIP/2.0/UDP h, ',
    ],
    From: [
        '',
        '<>',
        '<sip:>',
        'sip:',
        'Bell, Alexander <sip:a@b>;tag=43',
        '"Unclosed <sip:a@b>',
        '<sip:a@b',
        '<sip:a@b>;',
        '<sip:a@b>x',
        'a@b',
        '<sip:a@b >',
        '< sip:a@b>',
        '<sip:a@-_>',
        '"a\u0001" <sip:a@b>',
        '<sip:a b@c>',
        '<sip:a@b:123456>',
        '<sip:a%2@b>',
        '<sip:a@>',
        '<sip:a@b>>',
        '<sip:a@b&c=d>',
        '<sip:ä@b>',
        '<sip:a@[::>',
        '<1:a>',
    ],
    Contact: ['*', '', '<sip:a@b>,', ',<sip:a@b>', '<sip:a@b>;expires=60;,'],
    'Record-Route': ['<sip:a@b>;', '<sip:a@b> <sip:c@d>'],
    'Call-ID': ['', '@a', 'a@', 'a@b@c', 'a b', 'ä', 'a;b'],
    'Content-Length': ['', '-1', '1x', '0x5', '1 2'],
    CSeq: ['', '1', 'INVITE', '1INVITE', '-1 INVITE', '1 INVITE x'],
};

describe('The parser of SIP messages', () => {
    for (const [rule, inputs] of Object.entries(accepted)) {
        it(`says of a valid ${rule} what the generated parser says`, () => {
            for (const input of inputs) {
                const expected = theirs(rule, input);
                expect(expected).withContext(`generated parser: ${input}`).not.toBe(REFUSED);
                expect(ours(rule, input)).withContext(input).toEqual(expected);
            }
        });
    }

    for (const [rule, inputs] of Object.entries(refused)) {
        it(`refuses what is no ${rule}, as the generated parser does`, () => {
            for (const input of inputs) {
                expect(theirs(rule, input)).withContext(`generated parser: ${input}`).toBe(REFUSED);
                expect(ours(rule, input)).withContext(input).toBe(REFUSED);
            }
        });
    }

    const word = (characters: string, most = 8): fc.Arbitrary<string> =>
        fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength: 1, maxLength: most });
    const letters = word('abcXYZ019-_');
    const token = word("aZ09-.!%*_+`'~").map((text) => `x${text}`);
    const white = fc.constantFrom('', ' ', '\t', '   ');
    const host = fc.oneof(
        word('abc09-').map((text) => `${text}.example.org`),
        fc.ipV4(),
        // Who lives there is nobody's business here, only which brackets belong together.
        fc
            .ipV6()
            .map((text) => `[${text.replace(/::$/u, '::1')}]`)
            .filter((text) => URL.canParse(`ws://${text}`)),
    );
    const quoted = fc
        .string({ unit: fc.oneof(fc.constantFrom('\\"', '\\\\', ';', ',', '<', '>', ' ', 'ä', '\u4e2d'), letters) })
        .map((text) => `"${text}"`);
    const several = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
        fc.array(one, { maxLength: 4 }).map((all) => all.join(''));
    const optional = (one: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), one);
    const uriWith = (headers: fc.Arbitrary<string>): fc.Arbitrary<string> =>
        fc
            .tuple(
                fc.constantFrom('sip:', 'sips:', 'SIP:'),
                optional(
                    fc
                        .tuple(
                            word("aB3-_.!~*'()&=+$,;?/"),
                            optional(word('a&=').map((text) => `:${text}`)),
                            fc.constant('@'),
                        )
                        .map((all) => all.join('')),
                ),
                host,
                optional(fc.nat(65_535).map((port) => `:${String(port)}`)),
                several(
                    fc
                        .tuple(
                            word('[]/:&+$aB-.!~').map((name) => `;y${name}`),
                            optional(letters.map((text) => `=${text}`)),
                        )
                        .map((all) => all.join('')),
                ),
                headers,
            )
            .map((all) => all.join(''));
    const uri = uriWith(
        optional(
            fc
                .array(
                    fc.tuple(letters, word('[]/?:+$a')).map((all) => all.join('=')),
                    { minLength: 1, maxLength: 3 },
                )
                .map((all) => `?${all.join('&')}`),
        ),
    );
    const parameters = several(
        fc
            .tuple(
                white,
                fc.constant(';'),
                white,
                token,
                optional(fc.tuple(white, fc.constant('='), white, fc.oneof(token, quoted)).map((all) => all.join(''))),
            )
            .map((all) => all.join('')),
    );
    const addressOf = (target: fc.Arbitrary<string>): fc.Arbitrary<string> =>
        fc
            .tuple(
                optional(
                    fc.oneof(
                        token,
                        quoted,
                        fc.tuple(token, token).map((all) => all.join(' ')),
                    ),
                ),
                white,
                fc.constant('<'),
                target,
                fc.constant('>'),
                parameters,
            )
            .map((all) => all.join(''));
    const address = addressOf(uri);
    // Of several, the generated parser gives the headers of one to those that follow.
    const oneOfSeveral = addressOf(uriWith(fc.constant('')));
    const random: Readonly<Record<string, fc.Arbitrary<string>>> = {
        From: address,
        To: address,
        'Record-Route': fc.array(oneOfSeveral, { minLength: 1, maxLength: 4 }).map((all) => all.join(' , ')),
        Contact: fc
            .array(
                fc
                    .tuple(oneOfSeveral, fc.constantFrom('', ';q=0.25', ';expires=0300', ';q=1'))
                    .map((all) => all.join('')),
                { minLength: 1, maxLength: 4 },
            )
            .map((all) => all.join(',')),
        'First line': fc.tuple(token, uri).map(([method, target]) => `${method} ${target} SIP/2.0`),
        Via: fc
            .tuple(token, host, optional(fc.nat(65_535).map((port) => `:${String(port)}`)), parameters, token)
            .map(([transport, by, port, more, branch]) => `SIP/2.0/${transport} ${by}${port}${more};branch=${branch}`),
    };
    for (const [rule, inputs] of Object.entries(random)) {
        it(`says of any ${rule} what the generated parser says`, () => {
            let read = 0;
            fc.assert(
                fc.property(inputs, (input) => {
                    const expected = theirs(rule, input);
                    if (expected !== REFUSED) read += 1;
                    expect(ours(rule, input)).withContext(input).toEqual(expected);
                }),
                { numRuns: 200 },
            );
            expect(read).withContext('headers that are valid').toBeGreaterThan(150);
        });
    }

    it('throws nothing, whatever it gets', () => {
        const pieces = fc.constantFrom(
            ...['sip:', '<', '>', '"', '\\', ';', '=', ',', '@', ':', '[', ']', '%', '%ff', '\r\n ', '\r\n', '\0', '?'],
            ...['&', ' ', 'SIP/2.0', 'a', '1', '__proto__', 'constructor', 'tag', 'Via:', '\r\n\r\n'],
        );
        const anything = fc.oneof(fc.string({ unit: pieces }), fc.string({ unit: 'binary' }));
        fc.assert(
            fc.property(fc.constantFrom(...Object.keys(BOTH)), anything, (name, input) => {
                message(name, input);
                readAddress(input);
                readReplaced(input);
                parseMessage(input);
            }),
            { numRuns: 1000 },
        );
    });

    it('reads Replaces (RFC 3891 section 6.1)', () => {
        expect(readReplaced('98asjd8@test.com;to-tag=786;from-tag=xyz')).toEqual({
            callId: '98asjd8@test.com',
            parameters: { 'to-tag': '786', 'from-tag': 'xyz' },
        });
        expect(readReplaced('a;from-tag=0;to-tag=0;Early-Only')?.parameters).toEqual({
            'from-tag': '0',
            'to-tag': '0',
            'early-only': undefined,
        });
        for (const text of ['', ';to-tag=1;from-tag=2', 'a b;to-tag=1', 'a;', 'a;to-tag=', 'a,b'])
            expect(readReplaced(text)).withContext(text).toBeNull();
    });

    it('knows the short names, and addresses of other schemes', () => {
        const read = parseMessage(
            ['OPTIONS tel:+1-201-555-0123 SIP/2.0', 'v: SIP/2.0/WS a', 'f: <tel:+1>;tag=1', 'T : tel:+2;tag=2', 'i:x']
                .concat('CSeq: 1 OPTIONS', 'm: <mailto:a@b>', 'k: timer', 'x: 90', 'l: 2', '', 'body')
                .join('\r\n'),
        );
        expect(read?.data).toContain('OPTIONS tel:+1-201-555-0123 ');
        expect([read?.fromTag, read?.toTag, read?.callId, read?.body]).toEqual(['1', '2', 'x', 'bo']);
        const names = ['from', 'to', 'contact', 'supported', 'session-expires'];
        expect(names.map((name) => read?.getHeader(name))).toEqual([
            '<tel:+1>;tag=1',
            'tel:+2;tag=2',
            '<mailto:a@b>',
            'timer',
            '90',
        ]);
        expect(message('First line', 'INVITE tel: SIP/2.0')).toBeNull();
    });

    it('takes no message in which one thing is said twice, or that lacks what every message has', () => {
        for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
            const value = FIELDS[name] ?? '';
            expect(message(`${name}: ${value}\r\n${name}`, value))
                .withContext(name)
                .toBeNull();
            expect(message(name.toLowerCase(), value)).withContext(name).toBeNull();
            expect(message(name, '')).withContext(name).toBeNull();
        }
        expect(message('Content-Length: 0\r\nl', '0')).toBeNull();
        expect(parseMessage('SIP/2.0 200 OK\r\nVia: SIP/2.0/WS a\r\n\r\n')).toBeNull();
        expect(parseMessage('')).toBeNull();
        expect(parseMessage('\r\n\r\n')).toBeNull();
        expect(message('X-Folded', 'a\r\n  b')?.getHeader('x-folded')).toBe('a b');
    });

    it('leaves the host and the parameters of an address to whoever it is for', () => {
        for (const uri of ['sip:a@b;', 'sip:a@b;=x', 'sip:a@b?', 'sip:a@300.1.1.1', 'sip:a@[1:2]', 'sip:%ff@b'])
            expect(message('Contact', `<${uri}>`)?.getHeader('contact')).toBe(`<${uri}>`);
        expect(message('Record-Route', 'sip:a@b')?.getHeader('record-route')).toBe('sip:a@b');
    });

    describe('where the generated parser is wrong', () => {
        it('takes the method from the start of the line, not from a parameter', () => {
            expect(message('First line', 'BYE sip:a@b;method=INVITE SIP/2.0')?.method).toBe('BYE');
        });

        it('leaves the host of an address alone when a parameter names another', () => {
            expect(message('Via', 'SIP/2.0/WS good.example;maddr=192.0.2.1')?.via.host).toBe('good.example');
        });

        it('takes the branch of the topmost of several Via', () => {
            const read = message('Via', 'SIP/2.0/WS a;branch=1, SIP/2.0/UDP b:5060;branch=2');
            expect(read?.viaBranch).toBe('1');
            expect(read?.getHeaders('via').length).toBe(2);
            expect(message('Via', 'SIP/2.0/WS a;branch=1, SIP/2.0/UDP')).toBeNull();
        });

        it('knows methods that begin like others', () => {
            expect(message('First line', 'BYEBYE sip:a@b SIP/2.0')?.method).toBe('BYEBYE');
        });

        it('takes a final answer whatever its reason phrase says', () => {
            expect(ours('First line', 'SIP/2.0 404 "Bob" <unknown> 100%')).toBe(404);
        });

        it('refuses answers of no known class, and other versions', () => {
            for (const line of ['SIP/2.0 000 x', 'SIP/2.0 700 x', 'SIP/7.0 200 OK', 'INVITE sip:a@b SIP/7.0'])
                expect(message('First line', line)).withContext(line).toBeNull();
        });

        it('refuses a CSeq that is too large (RFC 3261 section 8.1.1.5)', () => {
            expect(message('CSeq', '2147483648 INVITE')).toBeNull();
            expect(message('CSeq', '36893488147419103232 REGISTER')).toBeNull();
        });

        it('refuses a port without digits', () => {
            expect(message('From', '<sip:a@b:>')).toBeNull();
        });

        it('takes a host with a final dot, and the shortest IPv6 address', () => {
            expect(readAddress('<sip:a@example.net.>')?.uri).toBe('sip:a@example.net.');
            expect(readAddress('sip:a@[::];tag=1')?.uri).toBe('sip:a@[::]');
        });

        it('unfolds: no line break gets into a name or a value', () => {
            const read = message('From', 'A\r\n B <sip:a@b>\r\n ;x="c\r\n\td"');
            expect(read?.getHeader('from')).toBe('A B <sip:a@b> ;x="c d"');
        });
    });

    it('lets no parameter or header reach a prototype', () => {
        const read = readAddress('<sip:a@b;__proto__>;__proto__;__proto__=y;constructor=z');
        expect(Object.getPrototypeOf(read?.parameters)).toBe(Object.prototype);
        const parameters: Parameters = read?.parameters ?? {};
        expect(Object.entries(parameters)).toContain(['constructor', 'z']);
        for (const name of ['__proto__', 'constructor', 'toString'])
            expect(message(name, 'x')?.getHeader(name)).withContext(name).toBe('x');
        expect(message('x', 'y')?.hasHeader('constructor')).toBeFalse();
        expect(Object.keys(Object.prototype)).toEqual([]);
    });

    it('takes no more than its share of time for a text of eight times the length', () => {
        const shapes: readonly (readonly [string, (n: number) => string])[] = [
            ['From', (n) => '"'.repeat(n)],
            ['From', (n) => `"${'\\"'.repeat(n / 2)}`],
            ['From', (n) => 'a '.repeat(n / 2)],
            ['From', (n) => ' '.repeat(n)],
            ['From', (n) => `a${' '.repeat(n)}`],
            ['From', (n) => `<sip:${'a.'.repeat(n / 2)}1>`],
            ['From', (n) => `<sip:${'a'.repeat(n)}`],
            ['From', (n) => `<sip:${'a:'.repeat(n / 2)}@`],
            ['From', (n) => `<sip:a@b>${'; a = "'.repeat(n / 7)}`],
            ['From', (n) => `<sip:a@b>;a${' '.repeat(n)}`],
            ['From', (n) => `<sip:a@[${':'.repeat(n)}]>`],
            ['From', (n) => `<sip:a@[${'1:'.repeat(n / 2)}]>`],
            ['From', (n) => `<sip:a@b${';a'.repeat(n / 2)}?`],
            ['From', (n) => `<sip:a@b?${'a=b&'.repeat(n / 4)}`],
            ['From', (n) => `<sip:a@b?${'a'.repeat(n)}`],
            ['From', (n) => `<sip:${'%2'.repeat(n / 2)}`],
            ['Contact', (n) => '<sip:a@b>,'.repeat(n / 10)],
            ['Via', (n) => 'SIP/2.0/WS a,'.repeat(n / 13)],
            ['Call-ID', (n) => `${'a'.repeat(n)}@`],
            ['From', (n) => `<sip:a@b>${' ; a = b'.repeat(n / 8)}x`],
            ['Contact', (n) => '<'.repeat(n)],
            ['Via', (n) => `SIP/2.0/WS a${';a=1'.repeat(n / 4)};`],
            ['First line', (n) => `INVITE sip:${'a'.repeat(n)}`],
            ['First line', (n) => `INVITE ${'a:'.repeat(n / 2)}`],
            ['Content-Length', (n) => '1'.repeat(n)],
        ];
        const time = (rule: string, text: string, times: number): number => {
            const start = performance.now();
            for (let i = 0; i < times; i += 1) message(rule, text);
            return performance.now() - start;
        };
        for (const [rule, shape] of shapes) {
            // As many characters in one as in eight: as long, where it is linear; eight times as long, where it is not.
            const ratio = (): number => (time(rule, shape(16_000), 8) + 0.2) / (time(rule, shape(2000), 64) + 0.2);
            let least = ratio();
            // Other things that go on in the browser only ever make it worse.
            for (let again = 0; again < 20 && least > 4; again += 1) least = Math.min(least, ratio());
            expect(least)
                .withContext(`${rule} ${shape(16)}`)
                .toBeLessThan(4);
        }
    });
});
