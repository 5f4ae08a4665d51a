import { createOwnPresence, keepAwake, type OwnAvailability, type OwnPresence } from '../../src/plugin/own-presence.js';
import { CLIENT, element } from '../../src/plugin/stanzas/xml.js';
import { Wheel } from './support/wheel.js';
import { builder, xml } from './support/xml.js';

const OPEN: OwnAvailability = { availability: 'open', uris: ['sip:alice@sip.example.net'], video: true };
const BUSY: OwnAvailability = { ...OPEN, availability: 'on-the-phone' };
const CLOSED: OwnAvailability = { availability: 'closed', uris: [], video: null };

describe('the own presence', () => {
    let wheel: Wheel;
    let now: OwnAvailability;
    let sent: string[];
    let presence: OwnPresence;
    let mayReturn: boolean;
    let forOthers: Element | null;

    /** A broadcast, Converse's or ours, of a person who has set some things. */
    const broadcast = (own = ''): void => {
        const stanza = xml(`<presence xmlns='jabber:client'>${own}</presence>`);
        presence.addTo(builder(stanza));
        const said = (each: Element): string => (each.childElementCount > 0 ? '' : each.textContent) || each.localName;
        sent.push(Array.from(stanza.children, said).join(' '));
    };
    const is = (availability: OwnAvailability): void => {
        now = availability;
        presence.update();
    };
    beforeEach(() => {
        wheel = new Wheel();
        now = CLOSED;
        sent = [];
        mayReturn = true;
        forOthers = null;
        presence = createOwnPresence({
            clock: wheel,
            current: () => now,
            mayReturn: () => mayReturn,
            forOthers: () => forOthers,
            send: () => {
                broadcast();
                return Promise.resolve();
            },
        });
        presence.onStream(false);
    });

    it('is closed in the first presence, and open in one more once registered', () => {
        broadcast();
        is(OPEN);
        expect(sent).toEqual(['closed']);
        wheel.turn(999);
        expect(sent.length).toBe(1);
        wheel.turn(1);
        expect(sent).toEqual(['closed', 'reach open servcaps']);
    });

    it('makes one presence of several changes within a second, and none of a change and back', () => {
        is(OPEN);
        broadcast();
        is(BUSY);
        is(OPEN);
        wheel.turn(5_000);
        expect(sent.length).toBe(1);
        is(BUSY);
        wheel.turn(500);
        is({ ...BUSY, video: false });
        wheel.turn(500);
        expect(sent.slice(1)).toEqual(['reach open servcaps activities']);
    });

    it('is not shaken by a gap in the registration under 15 seconds', () => {
        is(OPEN);
        broadcast();
        is(CLOSED);
        wheel.turn(14_999);
        broadcast();
        expect(sent.at(-1)).toBe('reach open servcaps');
        is(OPEN);
        wheel.turn(60_000);
        expect(sent.length).toBe(2);
        expect(wheel.waiting).toBe(0);
    });

    it('says closed at once where the person or the server wants it so', () => {
        is(OPEN);
        broadcast();
        mayReturn = false;
        is(CLOSED);
        wheel.turn(1_000);
        expect(sent.at(-1)).toBe('closed');
    });

    describe('for clients that know nothing of this, during a call only,', () => {
        beforeEach(() => {
            is(OPEN);
            broadcast();
            is(BUSY);
        });

        it('shows nothing unless the site wants it', () => {
            wheel.turn(1_000);
            expect(sent.at(-1)).toBe('reach open servcaps activities');
        });

        it('shows dnd where the person shows nothing else', () => {
            forOthers = element(CLIENT, 'show', {}, 'dnd');
            broadcast();
            expect(sent.at(-1)).toBe('reach open servcaps activities dnd');
            broadcast('<status>Cooking</status>');
            expect(sent.at(-1)).toBe('Cooking reach open servcaps activities dnd');
            for (const own of ['away', 'xa', 'dnd', 'chat']) {
                broadcast(`<show>${own}</show>`);
                expect(sent.at(-1)).toBe(`${own} reach open servcaps activities`);
            }
        });

        it('shows a text where the person has none', () => {
            forOthers = element(CLIENT, 'status', {}, 'On the phone');
            broadcast('<show>away</show>');
            expect(sent.at(-1)).toBe('away reach open servcaps activities On the phone');
            broadcast('<status>Cooking</status>');
            expect(sent.at(-1)).toBe('Cooking reach open servcaps activities');
        });

        it('leaves nothing behind', () => {
            forOthers = element(CLIENT, 'show', {}, 'dnd');
            broadcast();
            is(OPEN);
            wheel.turn(1_000);
            expect(sent.at(-1)).toBe('reach open servcaps');
        });
    });

    it('says closed after a longer gap', () => {
        is(OPEN);
        broadcast();
        is(CLOSED);
        wheel.turn(16_000);
        expect(sent).toEqual(['reach open servcaps', 'closed']);
    });

    it('says nothing any more once the person shares nothing', () => {
        is(OPEN);
        broadcast();
        is(null);
        wheel.turn(1_000);
        expect(sent).toEqual(['reach open servcaps', '']);
    });

    it('sends none of its own before the first of a stream', () => {
        is(OPEN);
        wheel.turn(60_000);
        expect(sent).toEqual([]);
    });

    it('sends one on a resumed stream, once it is known what is so', () => {
        presence.onStream(true);
        wheel.turn(10_000);
        expect(sent).toEqual([]);
        is(OPEN);
        wheel.turn(1_000);
        expect(sent).toEqual(['reach open servcaps']);
        wheel.turn(60_000);
        expect(sent.length).toBe(1);
    });

    it('sends closed on a resumed stream where no registration comes', () => {
        presence.onStream(true);
        wheel.turn(16_000);
        expect(sent).toEqual(['closed']);
    });

    it('corrects a first presence that went out without it', () => {
        now = OPEN;
        broadcast();
        presence.update();
        wheel.turn(1_000);
        expect(sent.at(-1)).toBe('reach open servcaps');
    });
});

describe('a person in a call', () => {
    it('is not away by the clock', () => {
        const wheel = new Wheel();
        let touched = 0;
        const awake = keepAwake(wheel, () => touched++);
        awake(false);
        wheel.turn(10_000);
        expect(touched).toBe(0);
        awake(true);
        wheel.turn(10_000);
        expect(touched).toBe(11);
        awake(false);
        wheel.turn(10_000);
        expect(touched).toBe(11);
        expect(wheel.waiting).toBe(0);
    });
});
