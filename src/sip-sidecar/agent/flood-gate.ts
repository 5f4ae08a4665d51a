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
const COPIED = /^(?:via|v|from|f|to|t|call-id|i|cseq)[ \t]*:/iu;

const parameter = (name: string, value: string): string =>
    new RegExp(`;\\s*${name}\\s*=\\s*([^\\s;,"<>]+)[^"<>]*$`, 'iu').exec(value)?.[1] ?? '';

/** The lines before the body, each in one piece. */
const headOf = (text: string): string[] =>
    (text.split('\r\n\r\n', 1)[0] ?? '').replace(/\r\n[ \t]+/gu, ' ').split('\r\n');

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
        const lines = headOf(text);
        const [first = ''] = lines;
        const field = (name: RegExp): string =>
            lines
                .find((line) => name.test(line))
                ?.replace(name, '')
                .trim() ?? '';
        const branch = /;\s*branch\s*=\s*([^\s;,]+)/iu.exec(field(/^v(?:ia)?[ \t]*:/iu))?.[1] ?? '';
        if (/^SIP\//iu.test(first)) {
            const awaited = branch !== '' && [...clients.keys()].some((key) => key.startsWith(branch));
            return awaited && this.spend(branch, BUDGETS.dialog);
        }
        const method = first.slice(0, first.indexOf(' '));
        const from = field(/^f(?:rom)?[ \t]*:/iu);
        const toTag = parameter('tag', field(/^t(?:o)?[ \t]*:/iu));
        if (toTag === this.tag) return false;
        const dialog = field(/^(?:call-id|i)[ \t]*:/iu) + toTag + parameter('tag', from);
        if (dialogs.has(dialog)) {
            // What ends or begins it must not be lost for what is said in between.
            return this.spend((['ACK', 'BYE'].includes(method) ? method : '') + dialog, BUDGETS.dialog);
        }
        if (servers.has(branch)) return this.spend(branch, BUDGETS.dialog);
        const who = this.whose(from);
        if (method !== 'INVITE' || toTag !== '') return this.spend(`request ${who}`, BUDGETS.request);
        if (this.spend(`call ${who}`, BUDGETS.call)) return true;
        this.host.refused();
        this.refuse(lines, '486 Busy Here');
        return false;
    }

    /** Refuses a message that is too long to be looked at. */
    tooLong(text: string): void {
        const lines = headOf(text.slice(0, MAX_REFUSED_LENGTH + 5));
        if (!/^(?:SIP\/|ACK )/iu.test(lines[0] ?? '')) this.refuse(lines, '413 Request Entity Too Large');
    }

    private refuse(head: readonly string[], status: string): void {
        if (head.join('\r\n').length > MAX_REFUSED_LENGTH || !this.spend('refusal', BUDGETS.refusal)) return;
        const lines = head
            .filter((line) => COPIED.test(line))
            .map((line) =>
                /^to?[ \t]*:/iu.test(line) && parameter('tag', line) === '' ? `${line};tag=${this.tag}` : line,
            );
        this.host.send([`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '', ''].join('\r\n'));
    }

    /** Takes one out of a budget. @returns whether there was one */
    spend(key: string, { burst, rate }: Budget): boolean {
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
