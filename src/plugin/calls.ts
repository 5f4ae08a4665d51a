/** The calls that are up: the sidecar's events, joined with who it is. What components show. */
import {
    cleanSipAddress,
    cleanText,
    firstState,
    nextState,
    type Active,
    type CallId,
    type Direction,
    type EndReason,
    type Header,
    type IncomingCall,
    type Interrupted,
    type SidecarCommand,
    type SidecarEvent,
} from '../sip-sidecar/contract/index.js';
import { Value } from './observable.js';
import type { Verdict } from './admission.js';
import type { Clock } from './clock.js';
import type { Correlation } from './correlation.js';
import { atLeast } from './identity.js';
import { isAnswered, isUp, type Call } from './phone.js';

/** Calls that ended stay until they are dismissed, but not for ever: a page without a view dismisses none. */
const MAX_ENDED = 3;

/** How long a call waits for a confirmation before it rings, where it has to (ms). */
const PATIENCE = 3_000;

/** The most digits in one go. */
const MAX_DIGITS = 32;

/** What the calls need of the rest. */
export interface CallsNeeds {
    readonly send: (command: SidecarCommand) => void;
    readonly clock: Clock;
    readonly correlation: Pick<Correlation, 'incoming' | 'look' | 'ended'>;
    /** Whether a call that comes in may ring. @param late there was time for a confirmation */
    readonly admit: (call: Call, busy: boolean, late: boolean) => Verdict;
    /** What becomes of a call that comes in from somebody we are calling. */
    readonly cross: (mine: Call, theirs: Call) => 'take' | 'wait' | 'ring';
    /** Answers a call in the place of ours. */
    readonly take: (id: CallId, video: boolean) => void;
    /** A call is over, or was not let in; once each. @param said the reason for the other side */
    readonly ended: (call: Call, said: EndReason) => void;
}

/** Whether it is one of ours that nobody has answered yet. */
const isFriend = ({ identity }: Call): boolean => identity.contact && atLeast(identity, 'listed');

const isDialling = ({ state }: Call): boolean => state.name === 'dialling' || state.name === 'ringing';

/** A command about a call that is up. */
type CallCommand = Extract<
    SidecarCommand,
    { type: 'hang-up' | 'hold' | 'mute' | 'camera' | 'screen' | 'reply' | 'digits' }
>;

/** Holds the calls of one login. */
export class Calls {
    /** Newest last; every change is a new list. */
    readonly list = new Value<readonly Call[]>([]);
    /** The calls that are up in another tab. */
    readonly elsewhere = new Value<readonly Call[]>([]);

    /** Calls that wait for a confirmation before they ring, or for what becomes of a call of ours. */
    private readonly arrived = new Map<CallId, Call>();
    /** Those that crossed a call of ours, which goes on: nothing of them is left. */
    private readonly crossed = new Set<CallId>();
    /** Calls that the person has taken, whose devices may still be opening. */
    private readonly taken = new Set<CallId>();

    constructor(private readonly needs: CallsNeeds) {}

    /** The calls of all tabs. */
    get all(): readonly Call[] {
        return [...this.list.get(), ...this.elsewhere.get()];
    }

    /** The call, in whichever tab it is. */
    find(id: CallId): Call | undefined {
        return this.all.find((call) => call.id === id);
    }

    /** Places a call that correlation knows of. @param to a cleaned SIP address */
    place(callId: CallId, to: string, video: boolean, headers: readonly Header[]): void {
        this.add(this.begin(callId, 'outgoing', video, to, ''));
        this.needs.send({ type: 'call', callId, to, video, headers });
    }

    /** Takes in what the sidecar tells about calls. */
    handle(event: SidecarEvent): void {
        if (event.type === 'incoming') this.incoming(event.call);
        if (event.type !== 'call') return;
        const waiting = this.arrived.get(event.callId);
        if (waiting && event.event.type === 'ended') this.end(waiting, 'refused');
        const call = this.own(event.callId);
        if (call) this.change(call, nextState(call.state, event.event));
    }

    answer(callId: CallId, video: boolean, listenOnly: boolean, headers: readonly Header[]): void {
        if (!this.rings(callId)) return;
        // One of ours that nobody has answered is not needed any more.
        for (const { id } of this.list.get().filter(isDialling)) this.command({ type: 'hang-up', callId: id });
        this.taken.add(callId);
        this.needs.send({ type: 'answer', callId, video, listenOnly, headers });
    }

    decline(callId: CallId): void {
        if (this.rings(callId)) this.needs.send({ type: 'decline', callId, as: 'declined' });
    }

    /** Passes a command on while its call is up. */
    command(command: CallCommand): void {
        const call = this.find(command.callId);
        if (call && isUp(call)) this.needs.send(command);
    }

    sendDigits(callId: CallId, text: string): void {
        const digits = text
            .toUpperCase()
            .replace(/[^0-9*#A-D]/gu, '')
            .slice(0, MAX_DIGITS);
        if (digits) this.command({ type: 'digits', callId, digits });
    }

    /** Takes an ended call off the list. */
    dismiss(id: CallId): void {
        this.list.set(this.list.get().filter((call) => call.id !== id || isUp(call)));
    }

    /** Goes on with an answered call of another page, as it was there. */
    restore(call: Call): void {
        if (this.own(call.id)) return;
        const {
            media,
            answeredAt,
            hold = { byUs: false, byThem: false },
        } = call.state as Interrupted & Partial<Active>;
        this.elsewhere.set(this.elsewhere.get().filter(({ id }) => id !== call.id));
        this.add({
            ...call,
            ...this.needs.correlation.look(call.id),
            state: { name: 'interrupted', media, hold, answeredAt },
        });
    }

    /** Shows what is up in another tab: without a sound, for that is made there. */
    mirror(calls: readonly Call[]): void {
        this.elsewhere.set(calls.map((call) => ({ ...call, silent: true, elsewhere: true })));
    }

    /** More is known: who calls may be known now, and a call that waits for it may ring. */
    identify(): void {
        const before = this.list.get();
        const calls = before.map((call) => {
            const now = { ...call, ...(isUp(call) && this.needs.correlation.look(call.id)) };
            return JSON.stringify(now) === JSON.stringify(call) ? call : now;
        });
        if (calls.some((call, index) => call !== before[index])) this.list.set(calls);
        this.judge();
    }

    /** Answered or declined on another device: it is over here, without a word to the caller. */
    takenElsewhere(callId: CallId, as: 'answered-elsewhere' | 'declined'): void {
        const call = this.own(callId) ?? this.arrived.get(callId);
        if (call?.state.name !== 'incoming') return;
        this.end(call, as);
        // Afterwards: the answer comes at once, with a reason of its own.
        this.needs.send({ type: 'decline', callId, as: 'refused' });
    }

    /** The session ends, and every call with it: they are over now, whatever the other side says. */
    endAll(): void {
        for (const call of this.arrived.values()) this.end(call, 'refused');
        for (const call of this.list.get()) {
            const unanswered = call.direction === 'incoming' ? 'missed' : 'cancelled';
            this.end(call, isAnswered(call) ? 'hung-up' : unanswered);
        }
        this.list.set([]);
    }

    private begin(id: CallId, direction: Direction, video: boolean, address: string, displayName: string): Call {
        const { clock, correlation } = this.needs;
        const state = firstState(direction, video);
        const startedAt = clock.now();
        const known = correlation.look(id);
        return { id, direction, video, address, displayName, state, startedAt, silent: false, ...known };
    }

    private incoming(incoming: IncomingCall): void {
        const { callId: id, video } = incoming;
        if (this.find(id) || this.arrived.has(id)) return;
        const from = cleanSipAddress(incoming.from) ?? '';
        this.needs.correlation.incoming({ ...incoming, from });
        this.decide(this.begin(id, 'incoming', video, from, cleanText(incoming.displayName)));
    }

    /** Decides anew about those that wait. */
    private judge(): void {
        this.arrived.forEach((call) => this.decide(call));
    }

    /** Rings, waits, or refuses. */
    private decide(call: Call): void {
        const { admit, clock, correlation, cross, send, take } = this.needs;
        const { id: callId } = call;
        const known = { ...call, ...correlation.look(callId) };
        const { jid } = known.identity;
        const before = this.list.get();
        // A call of ours to that person which nobody has answered yet.
        const mine = before.find((each) => jid !== null && each.identity.jid === jid && isDialling(each));
        const yielding = before.filter((each) => this.mayYield(each, known));
        const busy = before.some((each) => isUp(each) && each !== mine && !yielding.includes(each));
        const verdict = admit(known, busy, clock.now() >= call.startedAt + PATIENCE);
        const may = verdict === 'ring' || verdict === 'silent';
        const crossing = may && mine ? cross(mine, known) : 'ring';
        if (verdict === 'wait' || crossing === 'wait') {
            if (crossing === 'wait') this.crossed.add(callId);
            if (this.arrived.has(callId)) return;
            this.arrived.set(callId, call);
            clock.after(PATIENCE, () => this.judge());
            return;
        }
        this.arrived.delete(callId);
        if (may) {
            this.crossed.delete(callId);
            if (crossing === 'take' && mine) {
                this.add({ ...known, silent: true });
                take(callId, mine.video);
                return;
            }
            for (const each of yielding) if (!isFriend(each)) this.tellBusy(each);
            this.add({ ...known, silent: verdict === 'silent' });
            send({ type: 'ring', callId });
            return;
        }
        const as = verdict === 'busy' ? 'busy' : 'refused';
        send({ type: 'decline', callId, as });
        if (verdict === 'ignore') correlation.ended(callId);
        else this.end(known, as === 'busy' ? 'missed' : as, as);
    }

    /** Whether a call that rings here is no reason to refuse a contact's: strangers make way, another contact rings beside. */
    private mayYield(each: Call, contact: Call): boolean {
        const rings = each.state.name === 'incoming' && !this.taken.has(each.id);
        return rings && isFriend(contact) && each.identity.jid !== contact.identity.jid;
    }

    private tellBusy(ringing: Call): void {
        this.end(ringing, 'missed');
        this.needs.send({ type: 'decline', callId: ringing.id, as: 'busy' });
    }

    private add(call: Call): void {
        const calls = this.list.get();
        const ended = calls.filter((each) => !isUp(each)).slice(-MAX_ENDED);
        this.list.set([...calls.filter((each) => isUp(each) || ended.includes(each)), call]);
    }

    /** @param said what the other side is told of an end, where it is not the reason */
    private change(call: Call, state: Call['state'], said?: EndReason): void {
        if (state === call.state) return;
        const { id } = call;
        const changed: Call = { ...call, state };
        this.arrived.delete(id);
        if (this.own(id)) this.list.set(this.list.get().map((each) => (each.id === id ? changed : each)));
        if (state.name === 'ended') {
            this.taken.delete(id);
            if (!this.crossed.delete(id)) this.needs.ended(changed, said ?? state.reason);
            this.needs.correlation.ended(id);
        }
        // Two that ring at once: the other one was taken.
        if (state.name === 'connecting') {
            for (const each of this.list.get()) if (each.state.name === 'incoming') this.tellBusy(each);
        }
        // One of theirs may have waited for what becomes of ours.
        this.judge();
    }

    private end(call: Call, reason: EndReason, said?: EndReason): void {
        this.change(call, nextState(call.state, { type: 'ended', reason, at: this.needs.clock.now() }), said);
    }

    private own(id: CallId): Call | undefined {
        return this.list.get().find((call) => call.id === id);
    }

    private rings(id: CallId): boolean {
        return this.find(id)?.state.name === 'incoming';
    }
}
