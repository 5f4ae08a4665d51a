import { OwnPresence, type OwnAvailability } from '../../src/plugin/own-presence.js';
import { Wheel } from './support/wheel.js';

const OPEN: OwnAvailability = { availability: 'open', uris: ['sip:alice@sip.example.net'], video: true };
const BUSY: OwnAvailability = { ...OPEN, availability: 'on-the-phone' };
const CLOSED: OwnAvailability = { availability: 'closed', uris: [], video: null };

describe('the own presence', () => {
    let wheel: Wheel;
    let now: OwnAvailability;
    let sent: string[];
    let presence: OwnPresence;

    /** A broadcast, Converse's or ours. */
    const broadcast = (): void => {
        const names = presence
            .elements()
            .map((each) => (each.localName === 'basic' ? each.textContent : each.localName));
        sent.push(names.join(' '));
    };
    const is = (availability: OwnAvailability): void => {
        now = availability;
        presence.update();
    };
    beforeEach(() => {
        wheel = new Wheel();
        now = CLOSED;
        sent = [];
        presence = new OwnPresence({ clock: wheel, current: () => now, send: broadcast });
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

    it('leaves no timer behind', () => {
        is(OPEN);
        broadcast();
        is(BUSY);
        is(CLOSED);
        presence.stop();
        expect(wheel.waiting).toBe(0);
    });
});
