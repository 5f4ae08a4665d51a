/** The calls that are up: the sidecar's events, joined with who it is. What components show. */
import {
    cleanSipAddress,
    cleanText,
    firstState,
    nextState,
    type CallId,
    type EndReason,
    type Header,
    type IncomingCall,
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

    /** Whether a call is up. */
    get busy(): boolean {
        return this.list.get().some(isUp);
    }

    /** Places a call that correlation knows of. @param to a cleaned SIP address */
    place(id: CallId, to: string, video: boolean, headers: readonly Header[]): void {
        const { correlation, clock, send } = this.needs;
        this.add({
            id,
            direction: 'outgoing',
            video,
            address: to,
            displayName: '',
            state: firstState('outgoing', video),
            startedAt: clock.now(),
            silent: false,
            ...correlation.look(id),
        });
        send({ type: 'call', callId: id, to, video, headers });
    }

    /** Takes in what the sidecar tells about calls. */
    handle(event: SidecarEvent): void {
        if (event.type === 'incoming') this.incoming(event.call);
        else if (event.type === 'call') {
            const waiting = this.arrived.get(event.callId);
            if (waiting && event.event.type === 'ended') {
                this.arrived.delete(waiting.id);
                this.over(waiting, 'refused');
            }
            const call = this.own(event.callId);
            if (call) this.change(call, nextState(call.state, event.event));
        }
    }

    answer(id: CallId, video: boolean, listenOnly: boolean, headers: readonly Header[]): void {
        if (this.rings(id)) {
            // One of ours that nobody has answered is not needed any more.
            for (const each of this.list.get()) if (isDialling(each)) this.hangUp(each.id);
            this.taken.add(id);
            this.needs.send({ type: 'answer', callId: id, video, listenOnly, headers });
        }
    }

    decline(id: CallId): void {
        if (this.rings(id)) {
            this.needs.send({ type: 'decline', callId: id, as: 'declined' });
        }
    }

    hangUp(id: CallId): void {
        if (this.up(id)) this.needs.send({ type: 'hang-up', callId: id });
    }

    hold(id: CallId, on: boolean): void {
        if (this.up(id)) this.needs.send({ type: 'hold', callId: id, on });
    }

    mute(id: CallId, on: boolean): void {
        if (this.up(id)) this.needs.send({ type: 'mute', callId: id, on });
    }

    camera(id: CallId, on: boolean): void {
        if (this.up(id)) this.needs.send({ type: 'camera', callId: id, on });
    }

    screen(id: CallId, on: boolean): void {
        if (this.up(id)) this.needs.send({ type: 'screen', callId: id, on });
    }

    /** Answers the question of a call. */
    reply(id: CallId, accept: boolean): void {
        if (this.up(id)) this.needs.send({ type: 'reply', callId: id, accept });
    }

    sendDigits(id: CallId, digits: string): void {
        const clean = digits
            .toUpperCase()
            .replace(/[^0-9*#A-D]/gu, '')
            .slice(0, MAX_DIGITS);
        if (clean !== '' && this.up(id)) this.needs.send({ type: 'digits', callId: id, digits: clean });
    }

    /** Takes an ended call off the list. */
    dismiss(id: CallId): void {
        const rest = this.list.get().filter((call) => call.id !== id || isUp(call));
        if (rest.length < this.list.get().length) this.list.set(rest);
    }

    /** Goes on with an answered call of another page, as it was there. */
    restore(call: Call): void {
        const { state } = call;
        if (!('answeredAt' in state) || state.answeredAt === null || !('media' in state) || this.own(call.id)) return;
        const { media, answeredAt } = state;
        const hold = 'hold' in state ? state.hold : { byUs: false, byThem: false };
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
            const now = isUp(call) ? { ...call, ...this.needs.correlation.look(call.id) } : call;
            return JSON.stringify(now) === JSON.stringify(call) ? call : now;
        });
        if (calls.some((call, index) => call !== before[index])) this.list.set(calls);
        for (const call of [...this.arrived.values()]) this.decide(call, false);
    }

    /** Answered or declined on another device: it is over here, without a word to the caller. */
    takenElsewhere(id: CallId, as: 'answered-elsewhere' | 'declined'): void {
        const call = this.own(id) ?? this.arrived.get(id);
        if (call?.state.name !== 'incoming') return;
        if (this.arrived.delete(id)) this.over(call, as);
        else this.finish(call, as);
        // Afterwards: the answer comes at once, with a reason of its own.
        this.needs.send({ type: 'decline', callId: id, as: 'refused' });
    }

    /** The session ends, and every call with it: they are over now, whatever the other side says. */
    endAll(): void {
        const arrived = [...this.arrived.values()];
        this.arrived.clear();
        for (const call of arrived) this.over(call, 'refused');
        for (const call of this.list.get()) {
            const unanswered = call.direction === 'incoming' ? 'missed' : 'cancelled';
            this.finish(call, isAnswered(call) ? 'hung-up' : unanswered);
        }
        this.list.set([]);
    }

    private incoming(incoming: IncomingCall): void {
        const { correlation, clock } = this.needs;
        const { callId: id, video } = incoming;
        if (this.find(id) || this.arrived.has(id)) return;
        const address = cleanSipAddress(incoming.from) ?? '';
        correlation.incoming({ ...incoming, from: address });
        this.decide(
            {
                id,
                direction: 'incoming',
                video,
                address,
                displayName: cleanText(incoming.displayName),
                state: firstState('incoming', video),
                startedAt: clock.now(),
                silent: false,
                ...correlation.look(id),
            },
            false,
        );
    }

    /** Rings, waits, or refuses. @param late there was time enough for a confirmation */
    private decide(call: Call, late: boolean): void {
        const { admit, clock, correlation, send } = this.needs;
        const known = { ...call, ...correlation.look(call.id) };
        const mine = this.callTo(known.identity.jid);
        const before = this.list.get();
        const busy = before.some((each) => isUp(each) && each !== mine && !this.mayYield(each, known));
        const verdict = admit(known, busy, late);
        const may = verdict === 'ring' || verdict === 'silent';
        const crossing = may && mine ? this.needs.cross(mine, known) : 'ring';
        if (verdict === 'wait' || crossing === 'wait') {
            if (crossing === 'wait') this.crossed.add(call.id);
            if (this.arrived.has(call.id)) return;
            this.arrived.set(call.id, call);
            clock.after(PATIENCE, () => {
                if (this.arrived.has(call.id)) this.decide(call, true);
            });
            return;
        }
        this.arrived.delete(call.id);
        if (crossing === 'take' && mine) {
            this.add({ ...known, silent: true });
            this.needs.take(known.id, mine.video);
            return;
        }
        if (may) {
            this.crossed.delete(call.id);
            for (const each of before) if (this.mayYield(each, known) && !isFriend(each)) this.tellBusy(each);
            this.add({ ...known, silent: verdict === 'silent' });
            send({ type: 'ring', callId: call.id });
            return;
        }
        send({ type: 'decline', callId: call.id, as: verdict === 'busy' ? 'busy' : 'refused' });
        if (verdict === 'ignore') correlation.ended(call.id);
        else if (verdict === 'busy') this.over(known, 'missed', 'busy');
        else this.over(known, 'refused');
    }

    /** Whether a call that rings here is no reason to refuse a contact's: strangers make way, another contact rings beside. */
    private mayYield(each: Call, contact: Call): boolean {
        const rings = each.state.name === 'incoming' && !this.taken.has(each.id);
        return rings && isFriend(contact) && each.identity.jid !== contact.identity.jid;
    }

    private tellBusy(ringing: Call): void {
        this.finish(ringing, 'missed');
        this.needs.send({ type: 'decline', callId: ringing.id, as: 'busy' });
    }

    /** A call of ours to that person which nobody has answered yet. */
    private callTo(jid: string | null): Call | undefined {
        return this.list.get().find((call) => jid !== null && call.identity.jid === jid && isDialling(call));
    }

    /** The end of a call that was never shown. */
    private over(call: Call, reason: EndReason, said = reason): void {
        const state = nextState(call.state, { type: 'ended', reason, at: this.needs.clock.now() });
        if (!this.crossed.delete(call.id)) this.needs.ended({ ...call, state }, said);
        this.needs.correlation.ended(call.id);
    }

    private add(call: Call): void {
        const calls = this.list.get();
        const ended = calls.filter((each) => !isUp(each)).slice(-MAX_ENDED);
        this.list.set([...calls.filter((each) => isUp(each) || ended.includes(each)), call]);
    }

    private change(call: Call, state: Call['state']): void {
        if (state === call.state) return;
        const changed: Call = { ...call, state };
        this.list.set(this.list.get().map((each) => (each.id === call.id ? changed : each)));
        if (state.name === 'ended') {
            this.taken.delete(call.id);
            this.needs.ended(changed, state.reason);
            this.needs.correlation.ended(call.id);
        }
        // Two that ring at once: the other one was taken.
        if (state.name === 'connecting') {
            for (const each of this.list.get()) {
                if (each.state.name === 'incoming') this.tellBusy(each);
            }
        }
        // One of theirs may have waited for what becomes of ours.
        for (const each of [...this.arrived.values()]) this.decide(each, false);
    }

    private finish(call: Call, reason: EndReason): void {
        this.change(call, nextState(call.state, { type: 'ended', reason, at: this.needs.clock.now() }));
    }

    /** The call, in whichever tab it is. */
    find(id: CallId): Call | undefined {
        return this.own(id) ?? this.elsewhere.get().find((call) => call.id === id);
    }

    private own(id: CallId): Call | undefined {
        return this.list.get().find((call) => call.id === id);
    }

    private up(id: CallId): boolean {
        const call = this.find(id);
        return call !== undefined && isUp(call);
    }

    private rings(id: CallId): boolean {
        return this.find(id)?.state.name === 'incoming';
    }
}
