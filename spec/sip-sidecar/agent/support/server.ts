/** A SIP server within the page: it stands behind the global WebSocket, hears what is sent, and answers as told. */

/** A SIP message, taken apart far enough for specs. */
export class Message {
    readonly first: string;
    readonly body: string;
    private readonly lines: readonly string[];

    constructor(readonly text: string) {
        const [head = '', ...body] = text.split('\r\n\r\n');
        const [first = '', ...lines] = head.split('\r\n');
        this.first = first;
        this.lines = lines;
        this.body = body.join('\r\n\r\n');
    }

    /** The method of a request; of a response that of its CSeq. */
    get method(): string {
        return this.isRequest ? (this.first.split(' ')[0] ?? '') : (this.header('CSeq').split(' ')[1] ?? '');
    }

    get isRequest(): boolean {
        return !this.first.startsWith('SIP/2.0');
    }

    /** 0 for a request. */
    get status(): number {
        return this.isRequest ? 0 : Number(this.first.split(' ')[1]);
    }

    headers(name: string): string[] {
        const start = `${name.toLowerCase()}:`;
        return this.lines
            .filter((line) => line.toLowerCase().startsWith(start))
            .map((line) => line.slice(start.length).trim());
    }

    header(name: string): string {
        return this.headers(name)[0] ?? '';
    }
}

type Handler = (message: Message) => void;

class FakeSocket {
    static readonly OPEN = 1;
    readyState = 0;
    binaryType = 'blob';
    onopen: (() => void) | null = null;
    onclose: ((event: { code: number }) => void) | null = null;
    onmessage: ((event: { data: unknown }) => void) | null = null;

    constructor(
        readonly url: string,
        readonly protocol: string,
    ) {
        FakeServer.current?.connected(this);
    }

    send(text: string): void {
        FakeServer.current?.heard(this, text);
    }

    close(): void {
        this.readyState = 3;
        FakeServer.current?.closed(this);
    }
}

/** The server of one spec. */
export class FakeServer {
    static current: FakeServer | null = null;
    /** The URLs that were connected to. */
    readonly opened: string[] = [];
    /** Everything that came in. */
    readonly received: Message[] = [];
    /** Servers that accept no connection. */
    readonly unreachable = new Set<string>();
    /** What answers a REGISTER. */
    onRegister: Handler = (request) => {
        this.reply(request, 200, this.binding(request));
    };
    /** What answers when it is asked for a sign of life. */
    onOptions: Handler = (request) => {
        this.reply(request, 200);
    };
    gruu = 'sip:alice@example.net;gr=urn:uuid:1';
    /** Servers that do not answer `fetch`: the page's policy forbids it, or they know WebSockets only. */
    readonly fetchless = new Set<string>();
    private readonly real = { WebSocket: globalThis.WebSocket, fetch: globalThis.fetch };
    private socket: FakeSocket | null = null;
    private unread: Message[] = [];
    private readonly waiting: { test: (message: Message) => boolean; found: Handler }[] = [];
    private count = 0;

    constructor() {
        FakeServer.current = this;
        globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket;
        globalThis.fetch = (url) => {
            const server = `${(url as string).replace(/^http/u, 'ws')}/`;
            const silent = this.unreachable.has(server) || this.fetchless.has(server);
            return silent ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(new Response());
        };
    }

    restore(): void {
        Object.assign(globalThis, this.real);
        FakeServer.current = null;
    }

    get isConnected(): boolean {
        return this.socket !== null;
    }

    connected(socket: FakeSocket): void {
        this.opened.push(socket.url);
        queueMicrotask(() => {
            if (this.unreachable.has(socket.url)) {
                socket.onclose?.({ code: 1006 });
                return;
            }
            socket.readyState = 1;
            socket.onopen?.();
            // Not everything that opens is still wanted.
            if (socket.readyState === 1) this.socket = socket;
        });
    }

    closed(socket: FakeSocket): void {
        if (this.socket === socket) this.socket = null;
    }

    /** The connection breaks, or is closed with a code. */
    drop(code = 1006): void {
        const { socket } = this;
        this.socket = null;
        if (socket === null) return;
        socket.readyState = 3;
        socket.onclose?.({ code });
    }

    /** The connection is dead, and nobody says so. */
    deaf = false;

    heard(socket: FakeSocket, text: string): void {
        if (socket !== this.socket || this.deaf) return;
        const message = new Message(text);
        this.received.push(message);
        queueMicrotask(() => {
            if (message.first.startsWith('REGISTER ')) this.onRegister(message);
            else if (message.first.startsWith('OPTIONS sip:example.net ')) this.onOptions(message);
            else this.deliver(message);
        });
    }

    /** The next request of a method that nobody has looked at yet. */
    request(method: string): Promise<Message> {
        return this.next((message) => message.isRequest && message.method === method, `request ${method}`);
    }

    /** The next response to a method, with a status, that nobody has looked at yet. */
    response(method: string, status: number): Promise<Message> {
        return this.next(
            (message) => message.method === method && message.status === status,
            `${String(status)} for ${method}`,
        );
    }

    /** Sends any text. */
    send(data: string | ArrayBuffer): void {
        this.socket?.onmessage?.({ data });
    }

    reply(request: Message, status: number, headers: readonly string[] = [], body = ''): void {
        const to = request.header('To');
        const tag = status === 100 || to.includes(';tag=') ? '' : ';tag=far';
        this.send(
            [
                `SIP/2.0 ${String(status)} Reason`,
                ...request.headers('Via').map((via) => `Via: ${via}`),
                `From: ${request.header('From')}`,
                `To: ${to}${tag}`,
                `Call-ID: ${request.header('Call-ID')}`,
                `CSeq: ${request.header('CSeq')}`,
                ...headers,
                ...content(body),
            ].join('\r\n'),
        );
    }

    /** The headers of a 200 to REGISTER. */
    binding(request: Message, expires = 300): string[] {
        const contact = request.header('Contact').replace(/;expires=\d+/u, '');
        return [`Contact: ${contact};expires=${String(expires)};pub-gruu="${this.gruu}"`];
    }

    /** Sends a request that is not an answer to anything. @returns the whole text */
    sendRequest(options: {
        readonly method: string;
        readonly uri?: string;
        readonly from?: string;
        readonly to?: string;
        readonly callId?: string;
        readonly cseq?: number;
        readonly branch?: string;
        readonly headers?: readonly string[];
        readonly body?: string;
    }): Message {
        this.count += 1;
        const {
            method,
            uri = 'sip:alice@example.net',
            from = '"Bob" <sip:bob@example.net>;tag=bob',
            to = '<sip:alice@example.net>',
            callId = `call-${String(this.count)}`,
            cseq = this.count,
            branch = `z9hG4bKserver${String(this.count)}`,
            headers = [],
            body = '',
        } = options;
        const text = [
            `${method} ${uri} SIP/2.0`,
            `Via: SIP/2.0/WS server.invalid;branch=${branch}`,
            'Max-Forwards: 70',
            `From: ${from}`,
            `To: ${to}`,
            `Call-ID: ${callId}`,
            `CSeq: ${String(cseq)} ${method}`,
            'Contact: <sip:bob@server.invalid;transport=ws>',
            ...headers,
            ...content(body),
        ].join('\r\n');
        this.send(text);
        return new Message(text);
    }

    private next(test: (message: Message) => boolean, what: string): Promise<Message> {
        const index = this.unread.findIndex(test);
        const [known] = index < 0 ? [] : this.unread.splice(index, 1);
        if (known !== undefined) return Promise.resolve(known);
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                reject(new Error(`no ${what} came; there were: ${this.unread.map(({ first }) => first).join(' | ')}`));
            }, 3000);
            this.waiting.push({
                test,
                found: (message) => {
                    clearTimeout(timer);
                    resolve(message);
                },
            });
        });
    }

    private deliver(message: Message): void {
        const index = this.waiting.findIndex(({ test }) => test(message));
        const [waiter] = index < 0 ? [] : this.waiting.splice(index, 1);
        if (waiter === undefined) this.unread.push(message);
        else waiter.found(message);
    }
}

function content(body: string): string[] {
    const length = String(new TextEncoder().encode(body).length);
    const type = body === '' ? [] : [`Content-Type: ${body.startsWith('v=0') ? 'application/sdp' : 'text/plain'}`];
    return [...type, `Content-Length: ${length}`, '', body];
}
