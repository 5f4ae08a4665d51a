import fc from 'fast-check';
import { parse as parsePeg } from 'sip.js/lib/grammar/pegjs/dist/grammar.js';
import { NameAddrHeader } from 'sip.js/lib/grammar/name-addr-header.js';
import { URI } from 'sip.js/lib/grammar/uri.js';
import { MAX_LENGTH, parse, type ParseOptions } from '../../../../src/sip-sidecar/agent/sip-js/grammar.js';

const REFUSED = 'refused';

/** What the generated parser leaves lying about in its results, from parts that say nothing to anybody. */
const LEFT_OVER = new Set(['host_type', 'sip_version', 'password', 'uri_headers', 'handling', 'scheme']);

/** What a parser says, as plain data; fields that only one of them keeps are left out. */
function said(by: (input: string, options: ParseOptions) => unknown, rule: string, input: string): unknown {
    const options: ParseOptions = { startRule: rule };
    try {
        by(input, options);
    } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return REFUSED;
    }
    return options.data === -1 ? REFUSED : plain(options.data);
}

function plain(value: unknown): unknown {
    if (value instanceof URI) {
        const { scheme, user, host, port, parameters, headers } = value;
        return { scheme, user, host, port, raw: value.toRaw(), text: value.toString(), parameters, headers };
    }
    if (value instanceof NameAddrHeader) {
        return { uri: plain(value.uri), name: value.displayName, parameters: value.parameters, text: value.toString() };
    }
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value)
        .filter(([key, item]) => item !== undefined && !LEFT_OVER.has(key) && !(key === 'stale' && item === false))
        // The generated parser has a ttl as a number, nobody reads it.
        .map(([key, item]) => [key, key === 'ttl' ? String(item) : plain(item)] as const)
        .filter(([key, item]) => key !== 'params' || Object.keys(item as object).length > 0);
    return Object.fromEntries(kept);
}

const ours = (rule: string, input: string): unknown => said(parse, rule, input);
const theirs = (rule: string, input: string): unknown =>
    said((text, options) => parsePeg(text, options) as unknown, rule, input);

/** Read by both, and with the same result. */
const accepted: Readonly<Record<string, readonly string[]>> = {
    Request_Response: [
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
    Record_Route: [
        '<sip:127.0.0.1:5060;transport=ws;r2=on;lr=on;ftag=as7d;nat=yes>,<sip:127.0.0.1;r2=on;lr>',
        '<sip:p1.example.com;lr> , "x" <sip:p2.example.com;lr>;a=b',
        '<sip:[2001:db8::1]:5060;lr>',
    ],
    Refer_To: ['sip:carol@example.net', '<sip:carol@example.net?Replaces=a%40b%3Bfrom-tag%3D1%3Bto-tag%3D2>;x'],
    Name_Addr_Header: ['"Bob" <sip:bob@example.net>', '<sip:bob@example.net>;x=y', ' <sip:bob@h>', 'Bob B <sip:h>'],
    SIP_URI: [
        'sip:alice@example.net',
        'SIP:ALICE@EXAMPLE.NET:5060',
        'sips:alice@example.net;Transport=TLS;Method=INVITE;gr=urn:uuid:1',
        'sip:example.net',
        'sip:a@1.2.3.4:0',
        'sip:a@[1:2:3:4:5:6:7:8]',
        'sip:a@[1:2:3:4:5:6:7::]',
        'sip:a@[::1]',
        'sip:a@[::2:3:4:5:6:7:8]',
        'sip:a@[fe80::1:2]',
        'sip:a@[1:2:3:4:5:6:192.0.2.1]',
        'sip:a@under_score.example',
        'sip:%C3%A4;x=1/2&3$4@h;p=[x]:y',
        'sip:alice@example.net;__proto__=x;a',
    ],
    Call_ID: [
        'f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com',
        'dblreq.0ha0isndaksdj99sdfafnl3lk233412',
        'a"<>[]{}?/\\:@b',
    ],
    Content_Type: ['application/sdp', 'text/html; charset=ISO-8859-4', 'multipart/mixed;boundary="a b"', 'x-a / b'],
    Content_Length: ['0', '349', '0005'],
    Max_Forwards: ['70', '0', '255'],
    Content_Disposition: ['session', 'Render;handling=optional', 'x-own; a="b"', 'icon'],
    Event: ['presence', 'Dialog;id=7', 'message-summary', 'a.b-c.d;x'],
    CSeq: ['4711 INVITE', '0009 INVITE', '1  FOO%BAR', '2147483647 ACK'],
    Replaces: ['98asjd8@test.com;to-tag=786;from-tag=xyz', 'a;from-tag=0;to-tag=0;early-only'],
    WWW_Authenticate: [
        'Digest realm="atlanta.com", qop="auth", nonce="84a4cc6f3082121f32b42a2187831a9e", opaque="", stale=FALSE, algorithm=MD5',
        'Digest realm="localhost", nonce="ZzI0", stale=true, domain="sip:a /b", x="y",algorithm=sha-256,qop="auth,auth-int"',
        'digest nonce="\\"",realm="a b"',
        'NoOneKnowsThisScheme opaque-data="here", x=y',
    ],
    Proxy_Authenticate: ['Digest realm="a", nonce="b"'],
    uuid: ['00000000-0000-4000-8000-00000000000A'],
};

/** Refused by both. */
const refused: Readonly<Record<string, readonly string[]>> = {
    Request_Response: [
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
        '<sip:%ff@b>',
        '<sip:a@b >',
        '< sip:a@b>',
        '<sip:a@300.1.1.1>',
        '<sip:a@[1:2]>',
        '<sip:a@[::1::]>',
        '<sip:a@-_>',
        '"a\u0001" <sip:a@b>',
        '"a\r\nb" <sip:a@b>',
    ],
    Contact: ['*', '', '<sip:a@b>,', ',<sip:a@b>', '<sip:a@b>;expires=60;,'],
    Record_Route: ['sip:a@b', '<sip:a@b>;', '<sip:a@b> <sip:c@d>'],
    Name_Addr_Header: ['sip:a@b', '<tel:+1>', 'x'],
    SIP_URI: [
        '',
        'alice@b',
        'sip:a b@c',
        'sip:a@b;',
        'sip:a@b;=x',
        'sip:a@b?',
        'sip:a@b?x',
        'sip:a@b:123456',
        'sip:a%2@b',
        'sip:a@',
        'sip:a@b>',
        'sip:a@b\r\n',
        'http://a',
        'sip:a@b&c=d',
        'sip:ä@b',
    ],
    Call_ID: ['', '@a', 'a@', 'a@b@c', 'a b', 'ä', 'a;b'],
    Content_Type: ['', 'application', 'application/', 'a/b;', 'a/b;c', 'a/b;c=', 'a/b c'],
    Content_Length: ['', '-1', '1x', '0x5', '1 2'],
    Max_Forwards: ['', '-1', 'seventy'],
    CSeq: ['', '1', 'INVITE', '1INVITE', '-1 INVITE', '1 INVITE x'],
    Replaces: ['', 'a', 'a;to-tag=1', 'a;from-tag=1', ';to-tag=1;from-tag=2'],
    Event: ['', ';id=1', 'a..b', '.a'],
    WWW_Authenticate: ['', 'Digest', 'Digest ', 'Digest realm', 'Digest realm="a', 'Digest realm="a" nonce="b"'],
    uuid: ['', '00000000-0000-4000-8000-00000000000', 'g0000000-0000-4000-8000-000000000000'],
    No_Such_Rule: ['', 'a'],
    toString: ['a'],
};

describe('The grammar of SIP header fields', () => {
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
        fc.ipV6().map((text) => `[${text.replace(/::$/u, '::1')}]`),
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
    const generated: Readonly<Record<string, fc.Arbitrary<string>>> = {
        SIP_URI: uri,
        From: address,
        To: address,
        Name_Addr_Header: address,
        Record_Route: fc.array(oneOfSeveral, { minLength: 1, maxLength: 4 }).map((all) => all.join(' , ')),
        Contact: fc
            .array(
                fc
                    .tuple(oneOfSeveral, fc.constantFrom('', ';q=0.25', ';expires=0300', ';q=1'))
                    .map((all) => all.join('')),
                { minLength: 1, maxLength: 4 },
            )
            .map((all) => all.join(',')),
        Request_Response: fc.tuple(token, uri).map(([method, target]) => `${method} ${target} SIP/2.0`),
        Via: fc
            .tuple(token, host, optional(fc.nat(65_535).map((port) => `:${String(port)}`)), parameters, token)
            .map(([transport, by, port, more, branch]) => `SIP/2.0/${transport} ${by}${port}${more};branch=${branch}`),
        Content_Type: fc.tuple(token, token).map((all) => all.join('/')),
        Event: fc.tuple(letters, parameters).map((all) => all.join('')),
        WWW_Authenticate: fc
            .tuple(quoted, quoted, quoted, token, white)
            .map(
                ([realm, nonce, opaque, algorithm, space]) =>
                    `Digest realm=${realm},${space}nonce=${space}${nonce}, opaque=${opaque}${space}, algorithm=${algorithm}`,
            ),
    };
    for (const [rule, inputs] of Object.entries(generated)) {
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

    it('throws nothing but errors, whatever it gets', () => {
        const rules = [...Object.keys(accepted), 'No_Such_Rule', '__proto__'];
        const pieces = fc.constantFrom(
            'sip:',
            '<',
            '>',
            '"',
            '\\',
            ';',
            '=',
            ',',
            '@',
            ':',
            '[',
            ']',
            '%',
            '%ff',
            '\r\n ',
            '\0',
            '?',
            '&',
            ' ',
            'SIP/2.0',
            'a',
            '1',
            '__proto__',
            'tag',
            'Digest ',
        );
        fc.assert(
            fc.property(
                fc.constantFrom(...rules),
                fc.oneof(fc.string({ unit: pieces }), fc.string({ unit: 'binary' })),
                (rule, input) => {
                    ours(rule, input);
                },
            ),
            { numRuns: 1000 },
        );
    });

    describe('where the generated parser is wrong', () => {
        const read = (rule: string, input: string): Record<string, unknown> => {
            const options: ParseOptions = { startRule: rule };
            parse(input, options);
            return options.data as Record<string, unknown>;
        };

        it('takes the method from the start of the line, not from a parameter', () => {
            expect(read('Request_Response', 'BYE sip:a@b;method=INVITE SIP/2.0')['method']).toBe('BYE');
        });

        it('leaves the host of an address alone when a parameter names another', () => {
            const { uri: target } = read('From', '<sip:a@good.example;maddr=evil.example>;tag=1');
            expect((target as URI).host).toBe('good.example');
            expect(read('Via', 'SIP/2.0/WS good.example;maddr=192.0.2.1')['host']).toBe('good.example');
        });

        it('takes the branch of the topmost of several Via', () => {
            expect(read('Via', 'SIP/2.0/WS a;branch=1, SIP/2.0/UDP b:5060;branch=2')['branch']).toBe('1');
            expect(ours('Via', 'SIP/2.0/WS a;branch=1, SIP/2.0/UDP')).toBe(REFUSED);
        });

        it('knows methods, transports and parameters that begin like others', () => {
            expect(read('Request_Response', 'BYEBYE sip:a@b SIP/2.0')['method']).toBe('BYEBYE');
            expect(read('Via', 'SIP/2.0/TLS-SCTP a')['transport']).toBe('TLS-SCTP');
            expect(read('Content_Disposition', 'session-x')['type']).toBe('session-x');
            expect((read('SIP_URI', 'sip:a@b;lrx=1;transport=tcpx') as unknown as URI).parameters).toEqual({
                lrx: '1',
                transport: 'tcpx',
            });
        });

        it('reads a challenge for MD5-sess, quoted algorithms, and several qop with spaces', () => {
            expect(read('WWW_Authenticate', 'Digest realm="a", algorithm=MD5-sess')['algorithm']).toBe('MD5-SESS');
            expect(read('WWW_Authenticate', 'Digest realm="a", algorithm="SHA-256"')['algorithm']).toBe('SHA-256');
            expect(read('WWW_Authenticate', 'Digest realm="a", qop="auth, auth-int"')['qop']).toEqual([
                'auth',
                'auth-int',
            ]);
            expect(read('WWW_Authenticate', 'Digest realm="a", qop=auth')['qop']).toEqual(['auth']);
        });

        it('takes a final answer whatever its reason phrase says', () => {
            expect(read('Request_Response', 'SIP/2.0 404 "Bob" <unknown> 100%')['status_code']).toBe(404);
        });

        it('refuses answers of no known class, and other versions', () => {
            for (const line of ['SIP/2.0 000 x', 'SIP/2.0 700 x', 'SIP/7.0 200 OK', 'INVITE sip:a@b SIP/7.0']) {
                expect(ours('Request_Response', line)).withContext(line).toBe(REFUSED);
            }
        });

        it('keeps the scheme of a request to a telephone number, so that it is answered with 416', () => {
            const { method, uri: target } = read('Request_Response', 'INVITE tel:+1-201-555-0123 SIP/2.0');
            expect(method).toBe('INVITE');
            expect((target as URI).scheme).toBe('tel');
            expect(ours('Request_Response', 'INVITE tel: SIP/2.0')).toBe(REFUSED);
        });

        it('refuses a CSeq that is too large (RFC 3261 section 8.1.1.5)', () => {
            expect(ours('CSeq', '2147483648 INVITE')).toBe(REFUSED);
            expect(ours('CSeq', '36893488147419103232 REGISTER')).toBe(REFUSED);
        });

        it('refuses a port without digits', () => {
            expect(ours('SIP_URI', 'sip:a@b:')).toBe(REFUSED);
        });

        it('takes a host with a final dot, and the shortest IPv6 address', () => {
            expect((read('SIP_URI', 'sip:a@example.net.') as unknown as URI).host).toBe('example.net.');
            expect((read('SIP_URI', 'sip:a@[::]') as unknown as URI).host).toBe('[::]');
        });

        it('unfolds: no line break gets into a name or a value', () => {
            const from = read('From', 'A\r\n B <sip:a@b>\r\n ;x="c\r\n\td"') as unknown as NameAddrHeader;
            expect(from.displayName).toBe('A   B');
            expect(from.toString()).not.toMatch(/[\r\n]/u);
        });

        it('keeps an escaped percent sign escaped, so that the address can be written again', () => {
            for (const text of ['sip:%25zz@b', 'sip:a%2541@b']) {
                expect((read('SIP_URI', text) as unknown as URI).toString()).toBe(text);
            }
        });

        it('does not let headers of one contact run over into the next', () => {
            const contacts = read('Contact', '<sip:a@b?x=y>,<sip:c@d>') as unknown as { parsed: NameAddrHeader }[];
            expect(contacts[1]?.parsed.uri.headers).toEqual({});
        });
    });

    describe('with hostile names', () => {
        it('lets no parameter or header reach a prototype', () => {
            const inputs: readonly (readonly [string, string])[] = [
                ['From', '<sip:a@b;__proto__;__PROTO__=x>;__proto__;__proto__=y;constructor=z'],
                ['Via', 'SIP/2.0/WS a;__proto__=x;__proto__'],
                ['SIP_URI', 'sip:a@b;__proto__;constructor?__proto__=x&constructor=y'],
                ['WWW_Authenticate', 'Digest __proto__="x", constructor=y, realm="a"'],
                ['Event', 'a;__proto__;constructor'],
            ];
            for (const [rule, input] of inputs) {
                const options: ParseOptions = { startRule: rule };
                parse(input, options);
                for (const part of [
                    options.data,
                    (options.data as { parameters?: object; params?: object }).parameters ??
                        (options.data as { params?: object }).params ??
                        {},
                ]) {
                    const prototype: unknown = Object.getPrototypeOf(part);
                    expect([Object.prototype, URI.prototype, NameAddrHeader.prototype] as unknown[]).toContain(
                        prototype,
                    );
                }
                if (options.data instanceof URI) expect(options.data.clone().toString()).toContain('sip:a@b');
            }
            expect(Object.keys(Object.prototype)).toEqual([]);
        });

        it('refuses what is too long', () => {
            expect(ours('Call_ID', 'a'.repeat(MAX_LENGTH))).not.toBe(REFUSED);
            expect(ours('Call_ID', 'a'.repeat(MAX_LENGTH + 1))).toBe(REFUSED);
        });
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
            ['SIP_URI', (n) => `sip:a@b${';a'.repeat(n / 2)}?`],
            ['SIP_URI', (n) => `sip:a@b?${'a=b&'.repeat(n / 4)}`],
            ['SIP_URI', (n) => `sip:a@b?${'a'.repeat(n)}`],
            ['SIP_URI', (n) => `sip:${'%2'.repeat(n / 2)}`],
            ['Contact', (n) => '<sip:a@b>,'.repeat(n / 10)],
            ['Via', (n) => 'SIP/2.0/WS a,'.repeat(n / 13)],
            ['Call_ID', (n) => `${'a'.repeat(n)}@`],
            ['Content_Type', (n) => `a/b${';a="b" '.repeat(n / 7)}`],
            ['WWW_Authenticate', (n) => `Digest ${'a="b",'.repeat(n / 6)}`],
            ['Event', (n) => 'a.'.repeat(n / 2)],
            ['Request_Response', (n) => `INVITE ${'a:'.repeat(n / 2)}`],
            ['Content_Length', (n) => '1'.repeat(n)],
        ];
        const time = (rule: string, text: string, times: number): number => {
            const start = performance.now();
            for (let i = 0; i < times; i += 1) said(parse, rule, text);
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
