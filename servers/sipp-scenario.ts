/**
 * Scenarios for sipp: what a SIP device says and what it waits for, one step after the other. The usual ones are ready
 * ({@link call}, {@link request}, {@link registration}, {@link answering}); others are put together from steps.
 *
 * Texts go onto the wire as they are, hostile ones too; only a line break inside of a header is refused.
 */
import type { User } from './users.js';

/** A step of sipp's language. */
export type Step = string;

/** What sipp runs. */
export interface Scenario {
    readonly name: string;
    readonly steps: readonly Step[];
    /** The Call-ID; null: sipp's own, or the one that came in. */
    readonly callId: string | null;
    /** `server`: it waits for the first request. */
    readonly side: 'client' | 'server';
}

/** Who calls whom, and with what. */
export interface RequestOptions {
    /** A name-addr: `"Bob" <sip:bob@localhost>`. */
    readonly from: string;
    /** The URI in To, and the Request-URI. */
    readonly to: string;
    /** Another Request-URI: a GRUU. */
    readonly target?: string;
    /** A name-addr. Default: sipp's own address. */
    readonly contact?: string;
    /** More lines: `Call-Info: <xmpp:bob@localhost>;purpose=impp`. */
    readonly headers?: readonly string[];
    /** Default: one that nobody else has. */
    readonly callId?: string;
    /** What the server's challenge is answered with. Default: there is none, and a challenge ends the scenario. */
    readonly user?: Pick<User, 'name' | 'password'>;
    readonly body?: { readonly type: string; readonly text: string };
}

/** Text of ours inside of sipp's language: brackets are its keywords, and end its CDATA. */
const literal = (text: string): string =>
    text.replace(/[\\[\]]/gu, (character) => `\\x${character.charCodeAt(0).toString(16)}`);

function line(text: string): string {
    if (/[\r\n]/u.test(text)) throw new Error(`A line break inside of a header: ${JSON.stringify(text)}`);
    return literal(text);
}

/** The header that names a JID (RFC 6993), and with keys a second value with the full JID, thread and id. */
export const callInfo = (jid: string, resource = '', keys: Readonly<Record<string, string>> = {}): string => {
    const pairs = Object.entries(keys).map(([key, value]) => `;${key}=${encodeURIComponent(value)}`);
    const second =
        pairs.length > 0 ? `, <xmpp:${jid}${resource && `/${resource}`}?message${pairs.join('')}>;purpose=impp` : '';
    return `Call-Info: <xmpp:${jid}>;purpose=impp${second}`;
};

const OWN_CONTACT = '<sip:sipp@[local_ip]:[local_port];transport=[transport]>';

/**
 * An offer as a browser would make it, of somebody whose media nobody ever gets: good enough to ring.
 * @param fingerprint SHA-256 of the certificate that DTLS would show
 */
export const sdp = (
    options: { readonly fingerprint?: string; readonly video?: boolean; readonly setup?: 'actpass' | 'active' } = {},
): string => {
    const { fingerprint = Array.from({ length: 32 }, () => 'AB').join(':'), setup = 'actpass' } = options;
    const media = (mid: number, kind: string, payload: number, codec: string) => [
        `m=${kind} 40000 UDP/TLS/RTP/SAVPF ${String(payload)}`,
        'c=IN IP4 127.0.0.1',
        `a=mid:${String(mid)}`,
        'a=sendrecv',
        'a=rtcp-mux',
        `a=setup:${setup}`,
        'a=ice-ufrag:abcd',
        'a=ice-pwd:abcdefghijklmnopqrstuvwx',
        `a=fingerprint:sha-256 ${fingerprint}`,
        'a=candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host',
        'a=end-of-candidates',
        `a=rtpmap:${String(payload)} ${codec}`,
    ];
    return [
        'v=0',
        'o=- 1 1 IN IP4 127.0.0.1',
        's=-',
        't=0 0',
        `a=group:BUNDLE ${options.video ? '0 1' : '0'}`,
        ...media(0, 'audio', 111, 'opus/48000/2'),
        ...(options.video ? media(1, 'video', 96, 'VP8/90000') : []),
        '',
    ].join('\n');
};

// Steps

/** Sends a message: the lines of its head, and a body. `retrans`: again and again until it is answered (UDP). */
export const send = (head: readonly string[], body?: RequestOptions['body'], retrans = true): Step => {
    const content = body ? [`Content-Type: ${line(body.type)}`, 'Content-Length: [len]'] : ['Content-Length: 0'];
    const text = [...head, ...content, '', body ? literal(body.text) : ''].join('\n');
    return `<send${retrans ? ' retrans="500"' : ''}><![CDATA[\n${text}]]></send>`;
};

/** Waits for a response. `auth`: remembers its challenge; `rrs`: remembers the way to the peer. */
export const expectResponse = (
    code: number,
    options: {
        readonly optional?: boolean;
        readonly auth?: boolean;
        readonly rrs?: boolean;
        readonly next?: string;
    } = {},
): Step => {
    const attributes = Object.entries(options).map(([name, value]) => ` ${name}="${String(value)}"`);
    return `<recv response="${String(code)}"${attributes.join('')}/>`;
};

/** Waits for a request. */
export const expectRequest = (
    method: string,
    options: { readonly optional?: boolean; readonly next?: string } = {},
): Step => {
    const attributes = Object.entries(options).map(([name, value]) => ` ${name}="${String(value)}"`);
    return `<recv request="${method}" rrs="true"${attributes.join('')}/>`;
};

/** Waits until the spec says so: `sipp.signal(NAME)`. The name is a word in capitals. */
export const untilSignal = (name: string): Step => `<recv request="${name}"/>`;

export const pause = (ms: number): Step => `<pause milliseconds="${String(ms)}"/>`;

const label = (name: string): Step => `<label id="${name}"/>`;
const goTo = (name: string): Step => `<nop next="${name}"/>`;

/** Answers the request that came last. */
export const respond = (
    status: string,
    headers: readonly string[] = [],
    body?: RequestOptions['body'],
    retrans = false,
): Step =>
    send(
        [
            `SIP/2.0 ${line(status)}`,
            '[last_Via:]',
            '[last_Record-Route:]',
            '[last_From:]',
            // One tag for every response; a To that has one keeps it
            '[last_To:];tag=[pid]sipp[call_number]',
            '[last_Call-ID:]',
            '[last_CSeq:]',
            `Contact: ${OWN_CONTACT}`,
            ...headers.map(line),
        ],
        body,
        retrans,
    );

/** Answers a request inside of a dialog. */
export const respondInDialog = (status: string): Step =>
    send(
        [`SIP/2.0 ${status}`, '[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]'],
        undefined,
        false,
    );

const OWN_VIA = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]';
const FROM_TAG = ';tag=[pid]sipp[call_number]';

/** A request outside of any dialog, with or without an answer to the challenge. */
const initial = (method: string, options: RequestOptions, authorization: boolean): Step =>
    send(
        [
            `${method} ${line(options.target ?? options.to)} SIP/2.0`,
            OWN_VIA,
            `From: ${line(options.from)}${FROM_TAG}`,
            `To: <${line(options.to)}>`,
            'Call-ID: [call_id]',
            `CSeq: [cseq] ${method}`,
            `Contact: ${options.contact === undefined ? OWN_CONTACT : line(options.contact)}`,
            'Max-Forwards: 70',
            ...(options.headers ?? []).map(line),
            ...(authorization && options.user
                ? [`[authentication username=${options.user.name} password=${options.user.password}]`]
                : []),
        ],
        options.body,
    );

/** Takes the INVITE back; the signal brought its Via. */
const cancel = ({ from, to, target }: RequestOptions): Step[] => [
    label('cancelled'),
    send(
        [
            `CANCEL ${line(target ?? to)} SIP/2.0`,
            '[last_Via:]',
            `From: ${line(from)}${FROM_TAG}`,
            `To: <${line(to)}>`,
            'Call-ID: [call_id]',
            'CSeq: [cseq] CANCEL',
            'Max-Forwards: 70',
        ],
        undefined,
        false,
    ),
    expectResponse(200, { optional: true }),
    expectResponse(487),
    goTo('refused'),
];

/** The ACK for a refusal: it belongs to the transaction of the INVITE. */
const acknowledgeRefusal = ({ from, to, target }: RequestOptions): Step =>
    send(
        [
            `ACK ${line(target ?? to)} SIP/2.0`,
            '[last_Via:]',
            `From: ${line(from)}${FROM_TAG}`,
            '[last_To:]',
            'Call-ID: [call_id]',
            'CSeq: [cseq] ACK',
            'Max-Forwards: 70',
        ],
        undefined,
        false,
    );

/**
 * A request inside of the dialog, right after {@link untilSignal} (whose message brings From and To) or a response of the
 * peer to a request of ours: `INVITE` with a new offer, `REFER`, `BYE`, …
 */
export const inDialog = (method: string, { headers = [], body }: Pick<RequestOptions, 'headers' | 'body'> = {}): Step =>
    send(
        [
            `${method} [next_url] SIP/2.0`,
            OWN_VIA,
            '[routes]',
            '[last_From:]',
            '[last_To:]',
            'Call-ID: [call_id]',
            `CSeq: [cseq] ${method}`,
            ...(method === 'BYE' ? [] : [`Contact: ${OWN_CONTACT}`]),
            'Max-Forwards: 70',
            ...headers.map(line),
        ],
        body,
        method !== 'ACK',
    );

/** The signal that ends a call: {@link Sipp.hangUp}. */
export const HANG_UP = 'HANGUP';

/** The call is up until somebody hangs up; new offers are refused. */
const untilTheEnd: readonly Step[] = [
    label('up'),
    expectRequest('INVITE', { optional: true, next: 'offered' }),
    `<recv request="${HANG_UP}" optional="true" next="told"/>`,
    expectRequest('BYE'),
    respondInDialog('200 OK'),
    goTo('over'),
    label('offered'),
    respondInDialog('488 Not Acceptable Here'),
    expectRequest('ACK'),
    goTo('up'),
    label('told'),
    inDialog('BYE'),
    ...[481, 408, 500].map((code) => expectResponse(code, { optional: true, next: 'over' })),
    expectResponse(200),
    goTo('over'),
];

const REFUSALS = [
    ...[
        300, 301, 302, 400, 401, 403, 404, 405, 406, 407, 408, 410, 413, 414, 415, 416, 420, 421, 423, 480, 481, 482,
        483,
    ],
    ...[484, 485, 486, 487, 488, 489, 491, 493, 494, 500, 501, 502, 503, 504, 513, 580, 600, 603, 604, 606],
];

const challenge = (method: string, options: RequestOptions): Step[] =>
    options.user
        ? [
              expectResponse(407, { auth: true }),
              ...(method === 'INVITE' ? [acknowledgeRefusal(options)] : []),
              initial(method, options, true),
          ]
        : [];

const finals = (method: string): Step[] => [
    ...[100, 180, 181, 182, 183, 199].map((code) => expectResponse(code, { optional: true })),
    ...REFUSALS.map((code) => expectResponse(code, { optional: true, next: 'refused' })),
    ...(method === 'INVITE' ? [] : [expectResponse(202, { optional: true, next: 'refused' })]),
    ...(method === 'INVITE' ? [`<recv request="${HANG_UP}" optional="true" next="cancelled"/>`] : []),
    expectResponse(200, { rrs: true }),
];

// Scenarios

/**
 * An INVITE, which rings. When it is answered, `during` happens, and then the call lasts until somebody hangs up: the
 * other side, or {@link Sipp.hangUp}.
 */
export const call = (options: RequestOptions & { readonly during?: readonly Step[] }): Scenario => {
    const offer = { body: { type: 'application/sdp', text: sdp() }, ...options };
    return {
        name: 'call',
        side: 'client',
        callId: options.callId ?? null,
        steps: [
            initial('INVITE', offer, false),
            expectResponse(100, { optional: true }),
            ...challenge('INVITE', offer),
            ...finals('INVITE'),
            inDialog('ACK'),
            ...(options.during ?? []),
            ...untilTheEnd,
            ...cancel(offer),
            label('refused'),
            acknowledgeRefusal(offer),
            label('over'),
        ],
    };
};

/** One request that is no INVITE, and whatever it is answered with: OPTIONS, REFER, MESSAGE, SUBSCRIBE, … */
export const request = (method: string, options: RequestOptions): Scenario => ({
    name: method.toLowerCase(),
    side: 'client',
    callId: options.callId ?? null,
    steps: [initial(method, options, false), ...challenge(method, options), ...finals(method), label('refused')],
});

/** Registers a user at this port of loopback (UDP). */
export const registration = (user: Pick<User, 'name' | 'sip' | 'password'>, domain: string, port: number): Scenario => {
    const options = {
        from: `<${user.sip}>`,
        to: user.sip,
        target: `sip:${domain}`,
        contact: `<sip:${user.name}@127.0.0.1:${String(port)}>`,
        headers: ['Expires: 600'],
        user,
    };
    return {
        name: 'register',
        side: 'client',
        callId: null,
        steps: [
            initial('REGISTER', options, false),
            expectResponse(100, { optional: true }),
            expectResponse(401, { auth: true }),
            initial('REGISTER', options, true),
            expectResponse(100, { optional: true }),
            expectResponse(200),
        ],
    };
};

/**
 * Waits for a call, rings, and answers with this status; `200 OK`: takes it, with these headers, and the call lasts until
 * somebody hangs up.
 */
export const answering = (
    options: {
        readonly status?: string;
        readonly headers?: readonly string[];
        readonly body?: RequestOptions['body'];
        readonly during?: readonly Step[];
    } = {},
): Scenario => {
    const { status = '200 OK', headers = [] } = options;
    const taken = status.startsWith('200');
    const body = options.body ?? { type: 'application/sdp', text: sdp({ setup: 'active' }) };
    return {
        name: 'answering',
        side: 'server',
        callId: null,
        steps: [
            expectRequest('INVITE'),
            respond('180 Ringing'),
            respond(status, headers, taken ? body : undefined, true),
            expectRequest('ACK'),
            ...(taken ? [...(options.during ?? []), ...untilTheEnd] : []),
            label('over'),
        ],
    };
};

/** The XML that sipp reads. */
export const toXml = ({ name, steps }: Scenario): string =>
    `<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`;
