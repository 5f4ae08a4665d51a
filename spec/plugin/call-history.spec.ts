import { createCallHistory, type CallHistory, type CallHistoryNeeds } from '../../src/plugin/call-history.js';
import { limit } from '../../src/plugin/limit.js';
import type { LoggedCall } from '../../src/plugin/logged-call.js';
import { classify } from '../../src/plugin/stanzas/delivery.js';
import { settled } from './support/until.js';
import { Wheel } from './support/wheel.js';
import { xml } from './support/xml.js';

const ALICE = 'alice@example.org';
const BOB = 'bob@example.net';
const CALL_ID = '5b1f6c1e-54a9-4f5b-8d5e-3d0a6f0f9c21';
const MINUTE = 60_000;

/** The history of Alice's calls, with her archive. */
class Scene {
    readonly wheel = new Wheel();
    readonly written: [string, LoggedCall][] = [];
    readonly ours = new Set<string>();
    /** Archived messages with their stamps, oldest first. */
    readonly archive: { stamp: number; message: string }[] = [];
    seen: number | null = null;
    queries = 0;
    readonly history: CallHistory;

    constructor(more: Partial<CallHistoryNeeds> = {}) {
        this.history = createCallHistory({
            clock: this.wheel,
            sendIQ: (iq) => this.answer(iq),
            contacts: { subscription: (jid) => (jid === BOB ? 'to' : 'from') },
            correlation: {
                isOurs: (announcement, sipCallId) => this.ours.has(announcement) || this.ours.has(sipCallId ?? ''),
            },
            mayLog: limit(20, 60 * MINUTE),
            write: ({ jid, call }) => this.written.push([jid, call]),
            store: {
                get: () => Promise.resolve(this.seen),
                set: (_name, until) => Promise.resolve(void (this.seen = Number(until))),
            },
            ...more,
        });
    }

    get now(): number {
        return this.wheel.now();
    }

    /** The entries as `direction reason`. */
    get entries(): string[] {
        return this.written.map(([, { direction, reason }]) => `${direction} ${reason}`);
    }

    take(stanza: string): void {
        const delivery = classify(xml(stanza), ALICE);
        // As arrivals.ts does.
        if (delivery.kind !== 'foreign') this.history.onMessage(delivery);
    }

    /** The archive's answer: at most `max` messages before `before`, each sent as a result first. */
    answer(iq: Element): Promise<Element> {
        this.queries += 1;
        const text = (name: string): string => iq.getElementsByTagName(name)[0]?.textContent ?? '';
        const start = Date.parse(iq.querySelector('field[var="start"] value')?.textContent ?? '');
        const before = text('before') === '' ? this.archive.length : Number(text('before'));
        const first = Math.max(0, before - Number(text('max')));
        for (let id = first; id < before; id++) {
            const { stamp, message } = this.archive[id] ?? { stamp: 0, message: '' };
            if (stamp >= start) {
                this.take(
                    `<message xmlns='jabber:client' from='${ALICE}' to='${ALICE}/web'><result xmlns='urn:xmpp:mam:2' queryid='${iq.firstElementChild?.getAttribute('queryid') ?? ''}' id='${String(id)}'>` +
                        `<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='${new Date(stamp).toISOString()}'/>${message}</forwarded></result></message>`,
                );
            }
        }
        const complete = first === 0 ? " complete='true'" : '';
        return Promise.resolve(
            xml(
                `<iq xmlns='jabber:client' type='result'><fin xmlns='urn:xmpp:mam:2'${complete}><set xmlns='http://jabber.org/protocol/rsm'><first>${String(first)}</first><last>x</last></set></fin></iq>`,
            ),
        );
    }

    async catchUp(): Promise<void> {
        await this.history.catchUp();
        await settled();
        this.wheel.turn(5_000);
    }
}

const event = (from: string, inner: string, late = ''): string =>
    `<message xmlns='jabber:client' type='chat' id='m' from='${from}/x' to='${from === ALICE ? BOB : ALICE}'>${inner}${late}</message>`;
const of = (name: string, inner = '', id = 'ci-1'): string =>
    `<${name} xmlns='urn:xmpp:call-invites:0' id='${id}'>${inner}</${name}>`;
const reason = (name: string): string => `<reason xmlns='urn:xmpp:jingle:1'><${name}/></reason>`;
const invite = (id = 'ci-1', more = ''): string =>
    `<invite xmlns='urn:xmpp:call-invites:0' video='true'><dialog xmlns='urn:ietf:params:xml:ns:dialog-info' id='${id}' call-id='${CALL_ID}' direction='initiator'>${more}<local><identity>sip:bob@sip.example.net</identity></local></dialog></invite><origin-id xmlns='urn:xmpp:sid:0' id='${id}'/>`;
const carbon = (kind: string, message: string, from = ALICE): string =>
    `<message xmlns='jabber:client' from='${from}' to='${ALICE}/web'><${kind} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${message}</forwarded></${kind}></message>`;
const delay = (ms: number): string => `<delay xmlns='urn:xmpp:delay' stamp='${new Date(ms).toISOString()}'/>`;

describe('calls known from chat alone', () => {
    it('are missed where the caller gave up', () => {
        const scene = new Scene();
        scene.take(event(BOB, invite()));
        scene.wheel.turn(20_000);
        expect(scene.written).toEqual([]);
        scene.take(event(BOB, of('retract', reason('cancel'))));
        scene.wheel.turn(5_000);
        expect(scene.entries).toEqual(['incoming missed']);
        const [jid, call] = scene.written[0] ?? ['', undefined];
        expect(jid).toBe(BOB);
        expect(call?.video).toBeTrue();
        expect(call?.announcement).toBe('ci-1');
        expect(call?.sipCallIds).toEqual([CALL_ID]);
        expect(call?.address).toBe('sip:bob@sip.example.net');
    });

    it('are missed where nothing more is heard for two minutes', () => {
        const scene = new Scene();
        scene.take(event(BOB, invite()));
        scene.wheel.turn(MINUTE);
        expect(scene.entries).toEqual([]);
        scene.wheel.turn(2 * MINUTE);
        expect(scene.entries).toEqual(['incoming missed']);
    });

    it('are one entry, from offline storage and the archive, in any order, however often they come', async () => {
        const scene = new Scene();
        const at = scene.now - 10 * MINUTE;
        scene.archive.push({ stamp: at, message: event(BOB, invite()) });
        scene.archive.push({ stamp: at + 9_000, message: event(BOB, of('retract')) });
        scene.take(event(BOB, of('retract'), delay(at + 9_000)));
        scene.take(event(BOB, invite(), delay(at)));
        await scene.catchUp();
        expect(scene.entries).toEqual(['incoming missed']);
        expect(scene.written[0]?.[1].startedAt).toBe(at);
        expect(scene.written[0]?.[1].endedAt).toBe(at + 9_000);
    });

    it('are found in an archive of many pages, up to the last time this device was here', async () => {
        const scene = new Scene();
        scene.seen = scene.now - 60 * MINUTE;
        scene.archive.push({ stamp: scene.now - 90 * MINUTE, message: event(BOB, invite('ci-old')) });
        scene.archive.push({ stamp: scene.now - 50 * MINUTE, message: event(BOB, invite()) });
        for (let i = 0; i < 120; i++) {
            scene.archive.push({ stamp: scene.now - 40 * MINUTE, message: event(BOB, '<body>hi</body>') });
        }
        await scene.catchUp();
        expect(scene.queries).toBe(3);
        expect(scene.written.map(([, { announcement }]) => announcement)).toEqual(['ci-1']);
        expect(scene.seen).toBeGreaterThan(scene.now - MINUTE);
    });

    it('that another device took or declined are not missed', () => {
        for (const [answer, entry] of [
            [of('accept'), 'incoming answered-elsewhere'],
            [of('reject', reason('decline')), 'incoming declined'],
            [of('reject', reason('busy')), 'incoming busy'],
        ] as const) {
            const scene = new Scene();
            scene.take(event(BOB, invite()));
            scene.take(carbon('sent', event(ALICE, answer)));
            scene.wheel.turn(5_000);
            expect(scene.entries).toEqual([entry]);
        }
    });

    it('that another device placed have their length', () => {
        const scene = new Scene();
        scene.take(carbon('sent', event(ALICE, invite())));
        scene.wheel.turn(4_000);
        scene.take(carbon('received', event(BOB, of('accept'))));
        scene.wheel.turn(30 * MINUTE);
        expect(scene.entries).withContext('they still talk').toEqual([]);
        scene.take(carbon('received', event(BOB, of('left', reason('success')))));
        scene.wheel.turn(5_000);
        expect(scene.entries).toEqual(['outgoing hung-up']);
        const call = scene.written[0]?.[1];
        expect((call?.endedAt ?? 0) - (call?.answeredAt ?? 0)).toBe(30 * MINUTE);
    });

    it('that another device placed in vain say so', () => {
        for (const [who, answer, entry] of [
            [BOB, of('reject', reason('decline')), 'outgoing declined'],
            [BOB, of('reject', reason('busy')), 'outgoing busy'],
            [ALICE, of('retract', reason('cancel')), 'outgoing cancelled'],
            [ALICE, of('retract'), 'outgoing cancelled'],
            [ALICE, of('retract', reason('gone')), 'outgoing not-found'],
        ] as const) {
            const scene = new Scene();
            scene.take(carbon('sent', event(ALICE, invite())));
            scene.take(carbon(who === ALICE ? 'sent' : 'received', event(who, answer)));
            scene.wheel.turn(5_000);
            expect(scene.entries).toEqual([entry]);
        }
    });

    it('are left to the SIP half where it has them', () => {
        for (const known of ['ci-1', CALL_ID]) {
            const scene = new Scene();
            scene.take(event(BOB, invite()));
            scene.ours.add(known);
            scene.take(event(BOB, of('retract')));
            scene.wheel.turn(10 * MINUTE);
            expect(scene.entries).toEqual([]);
        }
    });

    it('that go on from another call have no entry of their own', () => {
        const scene = new Scene();
        scene.take(event(BOB, invite('ci-2', "<replaces call-id='old'/>")));
        scene.wheel.turn(10 * MINUTE);
        expect(scene.entries).toEqual([]);
    });
});

describe('what others write about calls', () => {
    it('leaves no entry where it is no contact', () => {
        const scene = new Scene();
        scene.take(event('mallory@example.net', invite(), delay(scene.now - MINUTE)));
        scene.take(event('mallory@example.net', of('retract'), delay(scene.now - MINUTE)));
        scene.wheel.turn(10 * MINUTE);
        expect(scene.entries).toEqual([]);
    });

    it('counts only from the one whose business it is', () => {
        const scene = new Scene();
        scene.take(event(BOB, invite()));
        // The caller accepts and rejects his own call, and we retract it: nonsense.
        scene.take(event(BOB, of('accept')));
        scene.take(event(BOB, of('reject')));
        scene.take(carbon('sent', event(ALICE, of('retract'))));
        scene.wheel.turn(10_000);
        expect(scene.entries).toEqual([]);
    });

    it('is nothing in a carbon of somebody else, in the answer to no query of ours, or in a group chat', () => {
        const scene = new Scene();
        const late = event(BOB, invite(), delay(scene.now - 10 * MINUTE));
        scene.take(carbon('sent', late, 'mallory@example.net'));
        scene.take(
            `<message xmlns='jabber:client' from='${ALICE}'><result xmlns='urn:xmpp:mam:2' queryid='x' id='1'><forwarded xmlns='urn:xmpp:forward:0'>${late}</forwarded></result></message>`,
        );
        scene.take(late.replace("type='chat'", "type='groupchat'"));
        scene.wheel.turn(10 * MINUTE);
        expect(scene.entries).toEqual([]);
    });

    it('fills neither the history nor the memory', () => {
        const scene = new Scene();
        for (let i = 0; i < 100; i++) {
            scene.take(event(BOB, invite(`ci-${String(i)}`)));
            scene.take(event(BOB, of('retract', '', `ci-${String(i)}`)));
            scene.wheel.turn(5_000);
        }
        expect(scene.written.length).toBe(20);
        scene.wheel.turn(60 * MINUTE);
        scene.take(event(BOB, invite('later')));
        scene.wheel.turn(5 * MINUTE);
        expect(scene.written.length).withContext('an hour later').toBe(21);
        for (let i = 0; i < 100; i++) scene.take(event(BOB, of('left', '', `x${String(i)}`)));
        scene.wheel.turn(10 * MINUTE);
        expect(scene.wheel.waiting).toBe(0);
    });

    it('does not put a call into the future', () => {
        const scene = new Scene();
        scene.take(event(BOB, invite(), delay(scene.now + 9e9)));
        scene.wheel.turn(5 * MINUTE);
        expect(scene.written[0]?.[1].startedAt).toBeLessThanOrEqual(scene.now);
    });
});

describe('catching up', () => {
    it('goes on without an archive', async () => {
        const scene = new Scene({ sendIQ: () => Promise.reject(new Error('no archive')) });
        scene.take(event(BOB, invite(), delay(scene.now - 10 * MINUTE)));
        await scene.catchUp();
        expect(scene.entries).toEqual(['incoming missed']);
    });

    it('ends at an archive that never ends', async () => {
        let asked = 0;
        const scene = new Scene({
            sendIQ: () => {
                asked += 1;
                return Promise.resolve(
                    xml(
                        `<iq xmlns='jabber:client'><fin xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><first>1</first></set></fin></iq>`,
                    ),
                );
            },
        });
        await scene.catchUp();
        expect(asked).toBe(20);
    });

    it('reads nothing again that came while chat was connected', async () => {
        const scene = new Scene();
        await scene.catchUp();
        scene.wheel.turn(2 * MINUTE);
        scene.take(event(BOB, '<body>hi</body>'));
        expect(scene.seen).toBe(scene.now);
        const before = scene.now;
        scene.take(event(BOB, invite()));
        scene.wheel.turn(90_000);
        scene.take(event(BOB, '<body>hi</body>'));
        expect(scene.seen).withContext('a call is open').toBe(before);
        scene.wheel.turn(3 * MINUTE);
        expect(scene.seen).toBeGreaterThan(before);
    });

    it('finds what was missed though somebody writes before the archive is asked', async () => {
        const scene = new Scene();
        scene.seen = scene.now - 60 * MINUTE;
        scene.archive.push({ stamp: scene.now - 50 * MINUTE, message: event(BOB, invite()) });
        scene.take(event(BOB, '<body>hi</body>'));
        await scene.catchUp();
        expect(scene.entries).toEqual(['incoming missed']);
    });

    it('finds it with the next stream where the archive did not answer', async () => {
        let away = true;
        const scene: Scene = new Scene({
            sendIQ: (iq) => (away ? Promise.reject(new Error('timeout')) : scene.answer(iq)),
        });
        const before = scene.now - 60 * MINUTE;
        scene.seen = before;
        scene.archive.push({ stamp: scene.now - 50 * MINUTE, message: event(BOB, invite()) });
        await scene.catchUp();
        scene.take(event(BOB, '<body>hi</body>'));
        expect(scene.seen).toBe(before);
        away = false;
        await scene.catchUp();
        expect(scene.entries).toEqual(['incoming missed']);
        expect(scene.seen).toBeGreaterThan(before);
    });

    it('is over when the person is gone', async () => {
        const scene = new Scene();
        scene.archive.push({ stamp: scene.now - MINUTE, message: event(BOB, invite()) });
        const done = scene.history.catchUp();
        scene.history.stop();
        await done;
        scene.wheel.turn(10 * MINUTE);
        expect(scene.entries).toEqual([]);
        expect(scene.wheel.waiting).toBe(0);
    });
});
