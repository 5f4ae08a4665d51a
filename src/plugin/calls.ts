/** The calls that are up: the sidecar's events, joined with who it is. What components show. */
import {
    cleanSipAddress,
    cleanText,
    firstState,
    nextState,
    type CallId,
    type IncomingCall,
    type SidecarCommand,
    type SidecarEvent,
} from '../sip-sidecar/contract/index.js';
import { Value } from './observable.js';
import type { Call, Identity } from './phone.js';

/** Calls that ended stay until they are dismissed, but not for ever: a page without a view dismisses none. */
const MAX_ENDED = 3;

/** The most digits in one go. */
const MAX_DIGITS = 32;

/** What the calls need of the rest. */
export interface CallsNeeds {
    readonly send: (command: SidecarCommand) => void;
    readonly now: () => number;
    readonly newCallId: () => CallId;
    readonly identifyCaller: (caller: Pick<IncomingCall, 'from' | 'asserted'>) => Identity;
    /** A call is over, or came in while another was up; once each. */
    readonly ended: (call: Call) => void;
}

/** Whether a call is not over yet. */
export function isUp(call: Call): boolean {
    return call.state.name !== 'ended';
}

/** Whether a call is a confirmed dialog: answered and not over (PROTOCOL.md 8.4). */
export function isAnswered(call: Call): boolean {
    return 'answeredAt' in call.state && call.state.answeredAt !== null && isUp(call);
}

/** Holds the calls of one login. */
export class Calls {
    /** Newest last; every change is a new list. */
    readonly list = new Value<readonly Call[]>([]);

    /** Callers whose address is only asserted. */
    private readonly asserted = new Set<CallId>();

    constructor(private readonly needs: CallsNeeds) {}

    /** Whether a call is up. */
    get busy(): boolean {
        return this.list.get().some(isUp);
    }

    /** Places a call. @param to a cleaned SIP address */
    place(to: string, video: boolean, identity: Identity): CallId {
        const { newCallId, now, send } = this.needs;
        const id = newCallId();
        this.add({
            id,
            direction: 'outgoing',
            video,
            address: to,
            displayName: '',
            identity,
            state: firstState('outgoing', video),
            startedAt: now(),
            thread: null,
            sipCallIds: [id],
            silent: false,
        });
        send({ type: 'call', callId: id, to, video, headers: [] });
        return id;
    }

    /** Takes in what the sidecar tells about calls. */
    handle(event: SidecarEvent): void {
        if (event.type === 'incoming') this.incoming(event.call);
        else if (event.type === 'call') {
            const call = this.find(event.callId);
            if (call) this.change(call, nextState(call.state, event.event));
        }
    }

    answer(id: CallId, video: boolean, listenOnly: boolean): void {
        if (this.find(id)?.state.name === 'incoming') {
            this.needs.send({ type: 'answer', callId: id, video, listenOnly, headers: [] });
        }
    }

    decline(id: CallId): void {
        if (this.find(id)?.state.name === 'incoming') {
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

    /** Addresses were learned or forgotten: who calls may be known now. Nobody who is known becomes unknown in a call. */
    identify(): void {
        const calls = this.list.get().map((call) => {
            if (call.direction === 'outgoing' || call.identity.jid !== null || !isUp(call)) return call;
            const identity = this.needs.identifyCaller({ from: call.address, asserted: this.asserted.has(call.id) });
            return identity.jid === null ? call : { ...call, identity };
        });
        if (calls.some((call, index) => call !== this.list.get()[index])) this.list.set(calls);
    }

    /** The session ends, and every call with it: they are over now, whatever the other side says. */
    endAll(): void {
        const at = this.needs.now();
        for (const call of this.list.get()) {
            const unanswered = call.direction === 'incoming' ? 'missed' : 'cancelled';
            const reason = isAnswered(call) ? 'hung-up' : unanswered;
            this.change(call, nextState(call.state, { type: 'ended', reason, at }));
        }
        this.list.set([]);
    }

    private incoming(incoming: IncomingCall): void {
        const { ended, identifyCaller, now, send } = this.needs;
        if (this.find(incoming.callId)) return;
        const address = cleanSipAddress(incoming.from) ?? '';
        if (incoming.asserted) this.asserted.add(incoming.callId);
        const call: Call = {
            id: incoming.callId,
            direction: 'incoming',
            video: incoming.video,
            address,
            displayName: cleanText(incoming.displayName),
            identity: identifyCaller({ from: address, asserted: incoming.asserted }),
            state: firstState('incoming', incoming.video),
            startedAt: now(),
            thread: null,
            sipCallIds: [incoming.sipCallId],
            silent: false,
        };
        if (!this.busy) {
            this.add(call);
            send({ type: 'ring', callId: call.id });
            return;
        }
        send({ type: 'decline', callId: call.id, as: 'busy' });
        ended({ ...call, state: nextState(call.state, { type: 'ended', reason: 'missed', at: now() }) });
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
        if (state.name !== 'ended') return;
        this.asserted.delete(call.id);
        this.needs.ended(changed);
    }

    private find(id: CallId): Call | undefined {
        return this.list.get().find((call) => call.id === id);
    }

    private up(id: CallId): boolean {
        const call = this.find(id);
        return call !== undefined && isUp(call);
    }
}
