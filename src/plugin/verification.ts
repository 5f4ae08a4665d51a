/**
 * The question whether a call is really that person's own (PROTOCOL.md 8.8): asked of contacts whose client announced nothing,
 * and answered to contacts whom we call. Strangers are neither asked nor answered.
 */
import type { CallId } from '../sip-sidecar/contract/index.js';
import type { AddressBook } from './address-book/book.js';
import type { Clock } from './clock.js';
import type { Correlation } from './correlation.js';
import { bareJid } from './jid.js';
import { KeptLists } from './kept-lists.js';
import { limit } from './limit.js';
import { NOBODY } from './identity.js';
import type { Call, Identity } from './phone.js';
import type { Store } from './store.js';
import { PROFILE } from './stanzas/namespaces.js';
import { buildVerify, buildVerifyAnswer, parseVerify, parseVerifyAnswer } from './stanzas/verify.js';

/** What this needs. JIDs are bare. */
export interface VerificationNeeds {
    readonly clock: Clock;
    readonly store: Store;
    readonly book: Pick<AddressBook, 'listersOf'>;
    readonly correlation: Correlation;
    /** The call, as it is shown. */
    readonly call: (id: CallId) => Call | undefined;
    /** `none`, `to`, `from`, `both`. */
    readonly subscription: (jid: string) => string;
    /** The devices of a contact that are there. */
    readonly resources: (jid: string) => readonly string[];
    readonly supports: (feature: string, jid: string) => Promise<boolean>;
    readonly sendIQ: (iq: Element) => Promise<Element>;
    readonly send: (stanza: Element) => void;
}

/** When a call that nobody announced is asked about, and when the answer is late (ms). */
const ASK_AFTER = 1_000;
const LATE_AFTER = 3_000;
/** The most devices of one person that are asked. */
const MOST_ASKED = 5;
/** Questions answered a minute, of each who asks. */
const MOST_ANSWERED = 10;
const MINUTE = 60_000;
/** So many are remembered to have announced a call. */
const MOST_REMEMBERED = 200;

/** Asks and answers. */
export class Verification {
    private readonly mayAsk = limit(MOST_ANSWERED, MINUTE);
    /** Whose client announced a call of theirs before. */
    private readonly announcers: KeptLists<readonly unknown[]>;

    constructor(private readonly needs: VerificationNeeds) {
        this.announcers = new KeptLists(needs.store, 'announcers', MOST_REMEMBERED, () => []);
    }

    load(): Promise<void> {
        return this.announcers.load();
    }

    /** Remembers that this person's client announces calls. */
    announced(jid: string): void {
        if (!this.announcers.get(jid) && this.needs.subscription(jid) !== 'none') this.announcers.set(jid, []);
    }

    /** A call came in. */
    watch(id: CallId): void {
        const { clock, correlation } = this.needs;
        let expected = false;
        let late = false;
        const judge = (): void => {
            const jid = this.identity(id)?.jid;
            if (late && jid && (expected || this.announcers.get(jid))) correlation.overdue(id);
        };
        clock.after(ASK_AFTER, () => {
            void this.ask(id).then((able) => {
                expected = able;
                if (able) judge();
            });
        });
        clock.after(LATE_AFTER, () => {
            late = true;
            judge();
        });
    }

    /** Answers a question. */
    onQuestion(question: Element): void {
        const { book, clock, correlation, send, subscription, call } = this.needs;
        const jid = bareJid(question.getAttribute('from')) ?? '';
        const known = subscription(jid) === 'both' && this.mayAsk(jid, clock.now());
        const tie = known ? correlation.placedAs(parseVerify(question) ?? '') : undefined;
        const isTheirs = tie && (tie.dialled === jid || book.listersOf(tie.address).has(jid));
        const up = isTheirs ? call(tie.id) : undefined;
        const state = up && 'answeredAt' in up.state ? 'confirmed' : 'early';
        send(buildVerifyAnswer(question, up ? { direction: 'initiator', state } : null));
    }

    /** @returns whether a confirmation is to be expected */
    private async ask(id: CallId): Promise<boolean> {
        const { correlation, resources, subscription, supports } = this.needs;
        const tie = correlation.tie(id);
        const { jid, level } = this.identity(id) ?? NOBODY;
        // Who has stolen the Call-ID of another call does not get its answer.
        if (!tie || !jid || !/^(?:claim|list)ed$/u.test(level) || !correlation.isAlone(tie)) return false;
        const mutual = subscription(jid) === 'both';
        const named = mutual && tie.info?.jid === jid ? tie.info.resource : null;
        if (named !== null) void this.question(id, jid, named, tie.leg);
        if (level !== 'listed' || subscription(jid) === 'none') return false;
        const there = resources(jid).slice(0, MOST_ASKED);
        const able = await Promise.all(there.map((each) => supports(PROFILE, `${jid}/${each}`).catch(() => false)));
        const asked = there.filter((_resource, index) => able[index]);
        if (named === null && mutual) for (const each of asked) void this.question(id, jid, each, tie.leg);
        return asked.length > 0;
    }

    /** Who it is by now, while the call is up. */
    private identity(id: CallId): Identity | null {
        const { correlation } = this.needs;
        return correlation.tie(id)?.endedAt === null ? correlation.look(id).identity : null;
    }

    private async question(id: CallId, jid: string, resource: string, callId: string): Promise<void> {
        const to = `${jid}/${resource}`;
        try {
            const answer = await this.needs.sendIQ(buildVerify(to, callId));
            const dialog = answer.getAttribute('from') === to ? parseVerifyAnswer(answer, callId) : null;
            if (dialog?.direction === 'initiator') this.needs.correlation.verified(id, jid, resource, dialog);
        } catch {
            // No answer, or no: it stays as it is.
        }
    }
}
