import fc from 'fast-check';
import { callHeaders } from '../../../src/plugin/call-headers.js';
import type { ConverseApi } from '../../../src/plugin/converse.js';
import { headerLines } from '../../../src/sip-sidecar/agent/headers.js';
import { SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';
import type { Message } from './support/server.js';

/** What would be a header of its own, or the end of the header. */
const INJECTED = 'X-Injected';
const BREAKS = [
    '\r\n',
    '\n',
    '\r',
    '\r\n ',
    '\r\n\r\n',
    '\0',
    '\u2028',
    '\u0085',
    '"',
    '\\',
    '\\"',
    '>',
    ';',
    ',',
    '%0d%0a',
    '%0D%0A',
];

/** A text somebody chose to break out of the field it is put into. */
const hostile = fc.oneof(
    fc
        .array(
            fc.oneof(
                fc.constantFrom(...BREAKS, `${INJECTED}: 1`, `<sip:${INJECTED}@x.example>`),
                fc.string({ maxLength: 8 }),
            ),
            {
                minLength: 1,
                maxLength: 8,
            },
        )
        .map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 40 }),
);

/** As a server may send it within one line: it has no way to send another. */
const inLine = hostile.map((text) => text.replace(/[\r\n\0]/gu, ''));

/** As it may stand within quotes. */
const quoted = hostile.map((text) => text.replace(/[\0-\x1f\x7f]/gu, '').replace(/["\\]/gu, '\\$&'));

const NAMES = new Set(
    (
        'Via From To CSeq Call-ID Max-Forwards Contact Route Record-Route Supported Allow Accept User-Agent Content-Type ' +
        'Content-Length Expires Authorization Proxy-Authorization Call-Info X-Told Unsupported Reason RAck Require ' +
        'Session-Expires Min-SE Replaces Warning Retry-After'
    ).split(' '),
);

/** Every line of the header is one field of ours, and the body is as long as it says. */
function expectWellFormed({ text }: Message, own: string): void {
    const end = text.indexOf('\r\n\r\n');
    const [first = '', ...lines] = text.slice(0, end).split('\r\n');
    expect(first).toMatch(/^(?:[A-Z]+ sip:\S+ SIP\/2\.0|SIP\/2\.0 [1-6]\d\d [A-Za-z /-]*)$/u);
    for (const line of lines) {
        expect(line).toMatch(/^[A-Za-z][A-Za-z0-9-]*: [^\r\n]*$/u);
        const [name = ''] = line.split(':', 1);
        if (name !== own && !NAMES.has(name)) fail(`${line} in ${text}`);
    }
    const length = lines.filter((line) => line.startsWith('Content-Length: '));
    expect(length).toEqual([`Content-Length: ${String(new TextEncoder().encode(text.slice(end + 4)).length)}`]);
}

describe('Whatever is put into what we send', () => {
    it('by us, the site, chat or the server, no field of a message breaks out of its line', async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.record({
                    displayName: hostile,
                    username: hostile,
                    names: fc.tuple(hostile, hostile),
                    values: fc.tuple(hostile, hostile),
                    to: hostile.map((text) => `sip:bob${text}@example.net`),
                    digits: hostile,
                    realm: quoted,
                    nonce: quoted,
                    theirs: inLine,
                }),
                async ({ displayName, username, names, values, to, digits, realm, nonce, theirs }) => {
                    const phone = new TestPhone();
                    const { server } = phone;
                    const asked = new Set<string>();
                    try {
                        server.onRegister = (request) => {
                            // Once: who does not answer it has no secret for it, and that is all right.
                            if (asked.size > 0) server.reply(request, 200, server.binding(request));
                            else
                                server.reply(request, 401, [
                                    `WWW-Authenticate: Digest realm="${realm}", nonce="${nonce}", opaque="${nonce}"`,
                                ]);
                            asked.add(request.header('CSeq'));
                        };
                        const told: [string, string][] = [
                            [names[0], values[0]],
                            [`X-Told`, values[1]],
                            ['Call-Info', `<${values[0]}>`],
                        ];
                        phone.start(
                            { optionsHeaders: told, correlationHeaders: [names[1]] },
                            { displayName, username, password: 'secret' },
                        );
                        await phone.until(
                            () =>
                                ['registered', 'refused'].includes(phone.registration?.state ?? '') ||
                                phone.notices.length > 0,
                        );
                        server.sendRequest({
                            method: 'INVITE',
                            from: `"${theirs}" <sip:bob@example.net;x=${theirs}>;tag=bob`,
                            headers: [
                                `Record-Route: <sip:${theirs}@proxy.example.net;lr>`,
                                `Require: ${theirs}`,
                                `X-A: ${theirs}`,
                            ],
                            body: SDP,
                        });
                        server.sendRequest({
                            method: 'OPTIONS',
                            headers: [`Record-Route: <sip:p.example.net;${theirs}>`],
                        });
                        for (const { callId } of phone.incoming) {
                            phone.send({ type: 'answer', callId, video: false, listenOnly: false, headers: told });
                            await phone.until(() =>
                                server.received.some(({ status, body }) => status === 200 && body !== ''),
                            );
                            phone.send({ type: 'digits', callId, digits });
                            phone.send({ type: 'hang-up', callId });
                        }
                        for (const target of [to, 'sip:bob@example.net']) {
                            const callId = phone.dial({ to: target, headers: told });
                            await phone.until(
                                () =>
                                    phone.state(callId).name === 'ended' ||
                                    server.received.some(({ method, isRequest }) => isRequest && method === 'INVITE'),
                            );
                            const invite = server.received.find(
                                ({ isRequest, method }) => isRequest && method === 'INVITE',
                            );
                            if (invite) {
                                server.reply(
                                    invite,
                                    200,
                                    [
                                        `Contact: <sip:bob@server.invalid;x=${theirs}>`,
                                        `Record-Route: <sip:${theirs}@r.example;lr>`,
                                    ],
                                    SDP,
                                );
                            }
                            phone.send({ type: 'hang-up', callId });
                            phone.send({ type: 'probe', probeId: '1', to: target });
                        }
                        for (const message of server.received) expectWellFormed(message, names[0]);
                    } finally {
                        phone.end();
                    }
                },
            ),
            { numRuns: 150 },
        );
    });

    it('names of people, devices and conversations come as one value', () => {
        fc.assert(
            fc.property(
                fc.record({ jid: hostile, resource: hostile, thread: hostile, id: hostile, name: hostile }),
                (told) => {
                    const jid = `alice${told.jid}@example.org`;
                    const headers = callHeaders(
                        {
                            jid,
                            host: {
                                api: { user: { jid: () => `${jid}/${told.resource}` } as ConverseApi['user'] },
                            },
                            contacts: { seesUs: () => true },
                            settings: {
                                sendJid: 'always',
                                correlationHeaders: ['X-XMPP-Contact', 'X-XMPP-Thread', told.name],
                            },
                        },
                        { ...told, address: 'sip:bob@example.net', contact: true, whose: 'bob@example.net' },
                    );
                    for (const line of headerLines(headers)) {
                        expect(line).toMatch(/^[A-Za-z][A-Za-z0-9-]*: [^\r\n\0]+$/u);
                        // A value of Call-Info is in brackets, and ends where ours does.
                        if (line.startsWith('Call-Info: '))
                            expect(line).toMatch(
                                /^Call-Info: <xmpp:[^<>",;\s]+>;purpose=impp(?:, ?<xmpp:[^<>"\s]+>;purpose=impp)?$/u,
                            );
                    }
                },
            ),
            { numRuns: 1_000 },
        );
    });
});
