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

const isRinging = ({ state }: Call): boolean => state.name === 'incoming';

const isDialling = ({ state }: Call): boolean => state.name === 'dialling' || state.name === 'ringing';

/** A command about a call that is up. */
type CallCommand = Extract<
    SidecarCommand,
    { type: 'hang-up' | 'hold' | 'mute' | 'camera' | 'screen' | 'reply' | 'digits' }
>;

/** Holds the calls of one login. */
export function createCalls({ admit, clock, correlation, cross, ended, send, take }: CallsNeeds) {
    /** Newest last; every change is a new list. */
    const list = new Value<readonly Call[]>([]);
    /** The calls that are up in another tab. */
    const elsewhere = new Value<readonly Call[]>([]);

    /** Calls that wait for a confirmation before they ring, or for what becomes of a call of ours. */
    const arrived = new Map<CallId, Call>();
    /** Those that crossed a call of ours, which goes on: nothing of them is left. */
    const crossed = new Set<CallId>();
    /** Calls that the person has taken, whose devices may still be opening. */
    const taken = new Set<CallId>();

    /** The calls of all tabs. */
    function all(): readonly Call[] {
        return [...list.get(), ...elsewhere.get()];
    }

    /** The call, in whichever tab it is. */
    function find(id: CallId): Call | undefined {
        return all().find((call) => call.id === id);
    }

    /** Places a call that correlation knows of. @param to a cleaned SIP address */
    function place(callId: CallId, to: string, video: boolean, headers: readonly Header[]): void {
        add(begin(callId, 'outgoing', video, to, ''));
        send({ type: 'call', callId, to, video, headers });
    }

    /** Takes in what the sidecar tells about calls. */
    function handle(event: SidecarEvent): void {
        if (event.type === 'incoming') incoming(event.call);
        if (event.type !== 'call') return;
        const waiting = arrived.get(event.callId);
        if (waiting && event.event.type === 'ended') end(waiting, 'refused');
        const call = own(event.callId);
        if (call) change(call, nextState(call.state, event.event));
    }

    function answer(callId: CallId, video: boolean, listenOnly: boolean, headers: readonly Header[]): void {
        if (!rings(callId)) return;
        // One of ours that nobody has answered is not needed any more.
        for (const { id } of list.get().filter(isDialling)) command({ type: 'hang-up', callId: id });
        taken.add(callId);
        send({ type: 'answer', callId, video, listenOnly, headers });
    }

    function decline(callId: CallId): void {
        if (rings(callId)) send({ type: 'decline', callId, as: 'declined' });
    }

    /** Passes a command on while its call is up. */
    function command(what: CallCommand): void {
        const call = find(what.callId);
        if (call && isUp(call)) send(what);
    }

    function sendDigits(callId: CallId, text: string): void {
        const digits = text
            .toUpperCase()
            .replace(/[^0-9*#A-D]/gu, '')
            .slice(0, MAX_DIGITS);
        if (digits) command({ type: 'digits', callId, digits });
    }

    /** Takes an ended call off the list. */
    function dismiss(id: CallId): void {
        list.set(list.get().filter((call) => call.id !== id || isUp(call)));
    }

    /** Goes on with an answered call of another page, as it was there. */
    function restore(call: Call): void {
        if (own(call.id)) return;
        const {
            media,
            answeredAt,
            hold = { byUs: false, byThem: false },
        } = call.state as Interrupted & Partial<Active>;
        elsewhere.set(elsewhere.get().filter(({ id }) => id !== call.id));
        add({
            ...call,
            ...correlation.look(call.id),
            state: { name: 'interrupted', media, hold, answeredAt },
        });
    }

    /** Shows what is up in another tab: without a sound, for that is made there. */
    function mirror(calls: readonly Call[]): void {
        elsewhere.set(calls.map((call) => ({ ...call, silent: true, elsewhere: true })));
    }

    /** More is known: who calls may be known now, and a call that waits for it may ring. */
    function identify(): void {
        const before = list.get();
        const calls = before.map((call) => {
            const now = { ...call, ...(isUp(call) && correlation.look(call.id)) };
            return JSON.stringify(now) === JSON.stringify(call) ? call : now;
        });
        if (calls.some((call, index) => call !== before[index])) list.set(calls);
        judge();
    }

    /** Answered or declined on another device: it is over here, without a word to the caller. */
    function takenElsewhere(callId: CallId, as: 'answered-elsewhere' | 'declined'): void {
        const call = own(callId) ?? arrived.get(callId);
        if (!call || !isRinging(call)) return;
        end(call, as);
        // Afterwards: the answer comes at once, with a reason of its own.
        send({ type: 'decline', callId, as: 'refused' });
    }

    /** The session ends, and every call with it: they are over now, whatever the other side says. */
    function endAll(): void {
        for (const call of arrived.values()) end(call, 'refused');
        for (const call of list.get()) {
            const unanswered = call.direction === 'incoming' ? 'missed' : 'cancelled';
            end(call, isAnswered(call) ? 'hung-up' : unanswered);
        }
        list.set([]);
    }

    function begin(id: CallId, direction: Direction, video: boolean, address: string, displayName: string): Call {
        const state = firstState(direction, video);
        const startedAt = clock.now();
        const known = correlation.look(id);
        return { id, direction, video, address, displayName, state, startedAt, silent: false, ...known };
    }

    function incoming(arriving: IncomingCall): void {
        const { callId: id, video } = arriving;
        if (find(id) || arrived.has(id)) return;
        const from = cleanSipAddress(arriving.from) ?? '';
        correlation.incoming({ ...arriving, from });
        decide(begin(id, 'incoming', video, from, cleanText(arriving.displayName)));
    }

    /** Decides anew about those that wait. */
    function judge(): void {
        arrived.forEach(decide);
    }

    /** Rings, waits, or refuses. */
    function decide(call: Call): void {
        const { id: callId } = call;
        const known = { ...call, ...correlation.look(callId) };
        const { jid } = known.identity;
        const before = list.get();
        // A call of ours to that person which nobody has answered yet.
        const mine = before.find((each) => jid !== null && each.identity.jid === jid && isDialling(each));
        const yielding = before.filter((each) => mayYield(each, known));
        const busy = before.some((each) => isUp(each) && each !== mine && !yielding.includes(each));
        const verdict = admit(known, busy, clock.now() >= call.startedAt + PATIENCE);
        const may = verdict === 'ring' || verdict === 'silent';
        const crossing = may && mine ? cross(mine, known) : 'ring';
        if (verdict === 'wait' || crossing === 'wait') {
            if (crossing === 'wait') crossed.add(callId);
            if (arrived.has(callId)) return;
            arrived.set(callId, call);
            clock.after(PATIENCE, judge);
            return;
        }
        arrived.delete(callId);
        if (may) {
            crossed.delete(callId);
            if (crossing === 'take' && mine) {
                add({ ...known, silent: true });
                take(callId, mine.video);
                return;
            }
            for (const each of yielding) if (!isFriend(each)) tellBusy(each);
            add({ ...known, silent: verdict === 'silent' });
            send({ type: 'ring', callId });
            return;
        }
        const as = verdict === 'busy' ? 'busy' : 'refused';
        send({ type: 'decline', callId, as });
        if (verdict === 'ignore') correlation.ended(callId);
        else end(known, as === 'busy' ? 'missed' : as, as);
    }

    /** Whether a call that rings here is no reason to refuse a contact's: strangers make way, another contact rings beside. */
    function mayYield(each: Call, contact: Call): boolean {
        return (
            isRinging(each) && !taken.has(each.id) && isFriend(contact) && each.identity.jid !== contact.identity.jid
        );
    }

    function tellBusy(ringing: Call): void {
        end(ringing, 'missed');
        send({ type: 'decline', callId: ringing.id, as: 'busy' });
    }

    function add(call: Call): void {
        const calls = list.get();
        const over = calls.filter((each) => !isUp(each)).slice(-MAX_ENDED);
        list.set([...calls.filter((each) => isUp(each) || over.includes(each)), call]);
    }

    /** @param said what the other side is told of an end, where it is not the reason */
    function change(call: Call, state: Call['state'], said?: EndReason): void {
        if (state === call.state) return;
        const { id } = call;
        const changed: Call = { ...call, state };
        arrived.delete(id);
        if (own(id)) list.set(list.get().map((each) => (each.id === id ? changed : each)));
        if (state.name === 'ended') {
            taken.delete(id);
            if (!crossed.delete(id)) ended(changed, said ?? state.reason);
            correlation.ended(id);
        }
        // Two that ring at once: the other one was taken.
        if (state.name === 'connecting') {
            list.get().filter(isRinging).forEach(tellBusy);
        }
        // One of theirs may have waited for what becomes of ours.
        judge();
    }

    function end(call: Call, reason: EndReason, said?: EndReason): void {
        change(call, nextState(call.state, { type: 'ended', reason, at: clock.now() }), said);
    }

    function own(id: CallId): Call | undefined {
        return list.get().find((call) => call.id === id);
    }

    function rings(id: CallId): boolean {
        return all().some((call) => call.id === id && isRinging(call));
    }

    return {
        list,
        elsewhere,
        all,
        find,
        place,
        handle,
        answer,
        decline,
        command,
        sendDigits,
        dismiss,
        restore,
        mirror,
        identify,
        takenElsewhere,
        endAll,
    };
}

export type Calls = ReturnType<typeof createCalls>;
