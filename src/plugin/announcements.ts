/**
 * What chat says of our calls, and what it tells us of those of others (PROTOCOL.md 8.5): announced by who calls, just before
 * SIP rings; answered, declined, withdrawn and left by who does it. Nothing here rings, answers or hangs up; only what another
 * device of this person did ends the ringing on this one.
 */
import {
    addressOfRecord,
    isEmergencyNumber,
    parseSipAddress,
    type CallId,
    type EndReason,
} from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import { fullJid, type Addressee, type Correlation, type Tie } from './correlation.js';
import { bareJid } from './jid.js';
import type { Call } from './phone.js';
import { buildCallMessage, parseCallEvent, type CallEventMessage, type ToldEvent } from './stanzas/call-invites.js';
import type { Delivery } from './stanzas/delivery.js';
import type { DialogParts } from './stanzas/dialog.js';
import { uuid } from '../sip-sidecar/contract/uuid.js';

/** A call that another own device has answered or declined. */
interface Taken {
    readonly id: string;
    readonly callId: string | null;
    readonly as: 'answered-elsewhere' | 'declined';
    readonly at: number;
}

/** What this needs. JIDs are bare. */
export interface AnnouncementsNeeds {
    readonly clock: Pick<Clock, 'now'>;
    readonly correlation: Correlation;
    readonly send: (stanza: Element) => void;
    /** The own address of record, and the one of this very device; null while not registered. */
    readonly own: () => { readonly aor: string; readonly target: string } | null;
    /** Another own device has answered a call that rings here, or declined it. */
    readonly takenElsewhere: (id: CallId, as: Taken['as']) => void;
    /** That person's client announced a call of theirs. */
    readonly announced: (jid: string) => void;
}

/** How long, and how many, calls that were taken on another device are remembered before they come in here (ms). */
const REMEMBERED = 60_000;
const MOST = 20;

/** With whom a call is talked about. */
interface Talk extends Addressee {
    /** The SIP Call-ID that was talked about last. */
    readonly leg: string;
}

/** A new id for an announcement; null for an emergency number: nothing is done but to call it. */
export function announcementId(address: string): string | null {
    const called = parseSipAddress(address);
    return called === null || isEmergencyNumber(called) ? null : `ci-${uuid()}`;
}

/** Sends and takes in what is said of calls. */
export class Announcements {
    private readonly talks = new Map<CallId, Talk>();
    private taken: readonly Taken[] = [];

    constructor(private readonly needs: AnnouncementsNeeds) {}

    /** Our session description is made: the INVITE leaves next, or the 2xx. */
    onLocal(callId: CallId): void {
        const tie = this.needs.correlation.tie(callId);
        if (tie?.direction === 'outgoing') this.invite(tie);
        else if (tie) this.accept(tie);
    }

    /** A call that another page had goes on here. @param jid with whom it was talked about */
    restored(tie: Tie, jid: string): void {
        if (tie.known !== null) this.talks.set(tie.id, { id: tie.known, to: jid, leg: tie.leg });
    }

    /** A call came in: was it taken on another device already? */
    onIncoming(callId: CallId): void {
        const { clock, correlation, takenElsewhere } = this.needs;
        const taken = this.taken.find(
            (each) =>
                clock.now() - each.at < REMEMBERED && correlation.announcedBy(each.id, each.callId)?.id === callId,
        );
        if (taken) takenElsewhere(callId, taken.as);
    }

    /** Takes in a message. Only what comes now counts, and what another own device says now. */
    onMessage({ kind, live, outgoing, message, jid, resource }: Delivery): void {
        const event = live || kind === 'carbon-sent' ? parseCallEvent(message) : null;
        if (event === null) return;
        if (kind === 'carbon-sent') this.onOwn(event);
        else if (!outgoing) this.refer(jid, resource, event);
    }

    /** A call is over. @param reason what the other side is told */
    ended({ id, direction, state, identity }: Call, reason: EndReason): void {
        const tie = this.needs.correlation.tie(id);
        const talk = this.talks.get(id);
        this.talks.delete(id);
        if (state.name !== 'ended' || !tie) return;
        const { status, answeredAt } = state;
        // Of these the callee tells.
        const refused = reason === 'declined' || reason === 'busy';
        if (answeredAt !== null) {
            if (talk) this.send(talk, { type: 'left', reason });
        } else if (direction === 'outgoing') {
            const said = status !== null && status >= 500 && status < 600 ? 'connection-lost' : reason;
            if (talk && !refused && reason !== 'answered-elsewhere') this.send(talk, { type: 'retract', reason: said });
        } else if (refused && identity.contact) {
            const announcer = this.needs.correlation.announcerOf(tie);
            if (announcer) this.send(announcer, { type: 'reject', reason });
        }
    }

    private onOwn({ type, id, reason, dialog }: CallEventMessage): void {
        // A device that is busy has not decided for the others.
        if (type !== 'accept' && (type !== 'reject' || reason === 'busy')) return;
        const { clock, correlation, takenElsewhere } = this.needs;
        const callId = dialog?.callId ?? null;
        const as = type === 'accept' ? 'answered-elsewhere' : 'declined';
        const tie = correlation.announcedBy(id, callId);
        if (tie) takenElsewhere(tie.id, as);
        else this.taken = [...this.taken, { id, callId, as, at: clock.now() } as const].slice(-MOST);
    }

    private refer(jid: string, resource: string, { type, id, thread, dialog }: CallEventMessage): void {
        if (dialog?.direction !== (type === 'invite' ? 'initiator' : 'recipient')) return;
        const tie = this.needs.correlation.refer({ jid, resource, id, thread, dialog });
        if (tie === null) return;
        if (type === 'invite') {
            this.needs.announced(jid);
            // It came after we had answered.
            if (tie.ours.size > 0 && tie.endedAt === null) this.accept(tie);
            return;
        }
        const talk = this.talks.get(tie.id);
        if (talk && bareJid(talk.to) === jid) this.talks.set(tie.id, { ...talk, to: fullJid(jid, resource) });
    }

    private invite(tie: Tie): void {
        const own = this.needs.own();
        const { dialled, device, address, leg, replaced, thread, video } = tie;
        const talk = this.talks.get(tie.id);
        if (own === null || talk?.leg === leg) return;
        // Where the call goes on it is announced anew, to whom it was announced, or who did; unless somebody has taken it over.
        const again = talk?.id === tie.known ? bareJid(talk.to) : null;
        if (replaced !== null) tie.announcementId = again && announcementId(address);
        const { announcementId: id } = tie;
        const to = replaced === null ? dialled && fullJid(dialled, device) : again;
        if (!id || !to) return;
        this.begin(
            tie,
            { to, id },
            { type: 'invite', video, thread },
            {
                callId: leg,
                direction: 'initiator',
                state: 'trying',
                local: { identity: own.aor, target: own.target, fingerprints: [...tie.ours] },
                remote: { identity: addressOfRecord(address) },
                replaces: replaced,
            },
        );
    }

    private accept(tie: Tie): void {
        const announcer = this.needs.correlation.announcerOf(tie);
        const { leg } = tie;
        if (announcer === null || this.talks.get(tie.id)?.leg === leg) return;
        this.begin(
            tie,
            announcer,
            { type: 'accept' },
            {
                callId: leg,
                direction: 'recipient',
                state: 'confirmed',
                code: 200,
                local: { identity: this.needs.own()?.aor ?? null, fingerprints: [...tie.ours] },
                remote: { fingerprints: [...tie.theirs] },
            },
        );
    }

    private begin({ id, known, leg }: Tie, whom: Addressee, event: Omit<ToldEvent, 'id'>, dialog: DialogParts): void {
        this.talks.set(id, { id: known ?? whom.id, to: whom.to, leg });
        this.send(whom, { ...event, dialog });
    }

    private send({ to, id }: Addressee, event: Omit<ToldEvent, 'id'>): void {
        this.needs.send(buildCallMessage(to, uuid(), { ...event, id }));
    }
}
