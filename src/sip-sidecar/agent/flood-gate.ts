/**
 * What stands before the parser. So many requests of strangers, of each caller that is known, and in each dialog are let
 * in; of the rest an INVITE is answered 486 out of its own lines, and all else is dropped: a flood costs a tenth of what
 * parsing it would, and locks out nobody who does not take part in it.
 */
import { addressOfRecord, type Clock } from '../contract/index.js';
import { readNameAddress } from './headers.js';
import { BUDGETS, MAX_BUCKETS, MAX_KNOWN, MAX_REFUSED_LENGTH, type Budget } from './policies.js';
import { randomToken } from './random.js';

/** What the gate asks and tells. */
export interface GateHost {
    readonly clock: Pick<Clock, 'now'>;
    /** What is under way: transactions of ours by branch and method, of theirs by branch, dialogs by Call-ID and tags. */
    readonly core: {
        readonly clients: ReadonlyMap<string, unknown>;
        readonly servers: ReadonlyMap<string, unknown>;
        readonly dialogs: ReadonlyMap<string, unknown>;
    };
    /** Answers. */
    send(text: string): void;
    /** A call was refused. */
    refused(): void;
}

/** What a response repeats of its request (RFC 3261 section 8.2.6.2). */
const COPIED = /^(via|v|from|f|to|t|call-id|i|cseq)[ \t]*:[ \t]*(.*)$/iu;
const LONG: Readonly<Record<string, string>> = { v: 'via', f: 'from', t: 'to', i: 'call-id' };

const parameter = (name: string, value = ''): string =>
    new RegExp(`;\\s*${name}\\s*=\\s*([^\\s;,"<>]+)[^"<>]*$`, 'iu').exec(value)?.[1] ?? '';

const headOf = (text: string): string => text.split('\r\n\r\n', 1)[0] ?? '';

const copiedLines = (head: string): string[] =>
    head
        .replace(/\r\n[ \t]+/gu, ' ')
        .split('\r\n')
        .filter((line) => COPIED.test(line));

/** The gate of one user agent. */
export class FloodGate {
    private aors: ReadonlySet<string> = new Set();
    /** What is left of each budget, and when that was; the one used last comes last. */
    private readonly buckets = new Map<string, readonly [left: number, at: number]>();
    /** In To of every refusal: by it their ACKs are known. */
    private readonly tag = randomToken();

    constructor(private readonly host: GateHost) {}

    /** Whose calls have a budget of their own: addresses of record. */
    know(aors: readonly string[]): void {
        this.aors = new Set(aors.slice(0, MAX_KNOWN));
    }

    /** The address of record in a From, where it is known; else empty. Anybody can write any From. */
    whose(from: string): string {
        const aor = addressOfRecord(readNameAddress(from).address) ?? '';
        return this.aors.has(aor) ? aor : '';
    }

    /** Whether a message may go on to the parser. */
    admits(text: string): boolean {
        const { clients, servers, dialogs } = this.host.core;
        const head = headOf(text);
        const lines = copiedLines(head);
        const fields: Record<string, string> = {};
        for (const line of lines) {
            const [, name = '', value = ''] = COPIED.exec(line) ?? [];
            fields[LONG[name.toLowerCase()] ?? name.toLowerCase()] ??= value.trim();
        }
        const { via = '', from = '', to = '', 'call-id': callId = '' } = fields;
        const branch = /;\s*branch\s*=\s*([^\s;,]+)/iu.exec(via)?.[1] ?? '';
        if (/^SIP\//iu.test(head)) {
            const awaited = branch !== '' && [...clients.keys()].some((key) => key.startsWith(branch));
            return awaited && this.spend(branch, BUDGETS.dialog);
        }
        const method = head.slice(0, head.indexOf(' '));
        const toTag = parameter('tag', to);
        if (toTag === this.tag) return false;
        const dialog = callId + toTag + parameter('tag', from);
        if (dialogs.has(dialog)) {
            // What ends or begins it must not be lost for what is said in between.
            return this.spend((['ACK', 'BYE'].includes(method) ? method : '') + dialog, BUDGETS.dialog);
        }
        if (servers.has(branch)) return this.spend(branch, BUDGETS.dialog);
        const who = this.whose(from);
        if (method !== 'INVITE' || toTag !== '') return this.spend(`request ${who}`, BUDGETS.request);
        if (this.spend(`call ${who}`, BUDGETS.call)) return true;
        this.host.refused();
        this.refuse(head, '486 Busy Here');
        return false;
    }

    /** Refuses a message that is too long to be looked at. */
    tooLong(text: string): void {
        const head = headOf(text.slice(0, MAX_REFUSED_LENGTH + 5));
        if (!/^(?:SIP\/|ACK )/iu.test(head)) this.refuse(head, '413 Request Entity Too Large');
    }

    private refuse(head: string, status: string): void {
        if (head.length > MAX_REFUSED_LENGTH || !this.spend('refusal', BUDGETS.refusal)) return;
        const lines = copiedLines(head).map((line) =>
            /^to?[ \t]*:/iu.test(line) && parameter('tag', line) === '' ? `${line};tag=${this.tag}` : line,
        );
        this.host.send([`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '', ''].join('\r\n'));
    }

    private spend(key: string, { burst, rate }: Budget): boolean {
        const { buckets } = this;
        const now = this.host.clock.now();
        const [left, at] = buckets.get(key) ?? [burst, now];
        const filled = Math.min(burst, left + (Math.max(0, now - at) / 1000) * rate);
        buckets.delete(key);
        buckets.set(key, [filled < 1 ? filled : filled - 1, now]);
        const [oldest = ''] = buckets.keys();
        if (buckets.size > MAX_BUCKETS) buckets.delete(oldest);
        return filled >= 1;
    }
}
