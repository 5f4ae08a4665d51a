/**
 * What stands before the parser. So many requests of strangers, of each caller that is known, and in each dialog are let
 * in; of the rest an INVITE is answered 486 out of its own lines, and all else is dropped: a flood costs a tenth of what
 * parsing it would, and locks out nobody who does not take part in it.
 */
import { addressOfRecord, type Clock } from '../contract/index.js';
import { readNameAddress } from './headers.js';
import { BUDGETS, MAX_BUCKETS, MAX_KNOWN, MAX_REFUSED_LENGTH, type Budget } from './policies.js';
import { randomToken } from './random.js';
import { headOf, readField } from './sip-js/parser.js';

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
const COPIED = ['via', 'from', 'to', 'call-id', 'cseq'];

const tagOf = (value: string): string => /;\s*tag\s*=\s*([^\s;,"<>]+)[^"<>]*$/iu.exec(value)?.[1] ?? '';

/** Makes the gate of one user agent. */
export function makeFloodGate(host: GateHost) {
    const { clients, servers, dialogs } = host.core;
    let aors: ReadonlySet<string> = new Set();
    /** What is left of each budget, and when that was; the one used last comes last. */
    const buckets = new Map<string, readonly [left: number, at: number]>();
    /** In To of every refusal: by it their ACKs are known. */
    const tag = randomToken();

    /** The address of record in a From, where it is known; else empty. Anybody can write any From. */
    function whose(from: string): string {
        const aor = addressOfRecord(readNameAddress(from).address) ?? '';
        return aors.has(aor) ? aor : '';
    }

    function refuse(head: readonly string[], status: string): void {
        if (head.join('\r\n').length > MAX_REFUSED_LENGTH || !spend('refusal', BUDGETS.refusal)) return;
        const lines = head.flatMap((line) => {
            const [name] = readField(line);
            const ours = name === 'to' && tagOf(line) === '' ? `;tag=${tag}` : '';
            return COPIED.includes(name) ? [line + ours] : [];
        });
        host.send([`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '', ''].join('\r\n'));
    }

    /** Takes one out of a budget. @returns whether there was one */
    function spend(key: string, { burst, rate }: Budget): boolean {
        const now = host.clock.now();
        const [left, at] = buckets.get(key) ?? [burst, now];
        const filled = Math.min(burst, left + (Math.max(0, now - at) / 1000) * rate);
        buckets.delete(key);
        buckets.set(key, [filled < 1 ? filled : filled - 1, now]);
        const [oldest = ''] = buckets.keys();
        if (buckets.size > MAX_BUCKETS) buckets.delete(oldest);
        return filled >= 1;
    }

    return {
        /** Whose calls have a budget of their own: addresses of record. */
        know(known: readonly string[]): void {
            aors = new Set(known.slice(0, MAX_KNOWN));
        },

        whose,

        /** Whether a message may go on to the parser. */
        admits(text: string): boolean {
            const lines = headOf(text);
            const [first = ''] = lines;
            // Where a field stands twice the first counts.
            const fields = new Map(lines.map(readField).reverse());
            const field = (name: string): string => fields.get(name) ?? '';
            const branch = /;\s*branch\s*=\s*([^\s;,]+)/iu.exec(field('via'))?.[1] ?? '';
            if (/^SIP\//iu.test(first)) {
                const awaited = branch !== '' && [...clients.keys()].some((key) => key.startsWith(branch));
                return awaited && spend(branch, BUDGETS.dialog);
            }
            const method = first.slice(0, first.indexOf(' '));
            const from = field('from');
            const toTag = tagOf(field('to'));
            if (toTag === tag) return false;
            const dialog = field('call-id') + toTag + tagOf(from);
            // What ends or begins it must not be lost for what is said in between.
            if (dialogs.has(dialog))
                return spend((['ACK', 'BYE'].includes(method) ? method : '') + dialog, BUDGETS.dialog);
            if (servers.has(branch)) return spend(branch, BUDGETS.dialog);
            const who = whose(from);
            if (method !== 'INVITE' || toTag !== '') return spend(`request ${who}`, BUDGETS.request);
            if (spend(`call ${who}`, BUDGETS.call)) return true;
            host.refused();
            refuse(lines, '486 Busy Here');
            return false;
        },

        /** Refuses a message that is too long to be looked at. */
        tooLong(text: string): void {
            const lines = headOf(text.slice(0, MAX_REFUSED_LENGTH + 5));
            if (!/^(?:SIP\/|ACK )/iu.test(lines[0] ?? '')) refuse(lines, '413 Request Entity Too Large');
        },

        spend,
    };
}
