import type { CallId } from '../../src/sip-sidecar/contract/index.js';
import { House, MERCUTIO, ROMEO } from './support/house.js';
import { settled, until } from './support/until.js';

/** What specs use of Converse's connection beyond the mock's. */
interface Connection {
    finishDisconnection(): Promise<void>;
    connected: boolean;
    jid: string;
    readonly _proto: { _connect: () => void };
    _changeConnectStatus(status: number): void;
}

describe('Where Converse gives up on the server and nobody logged out', () => {
    let house: House;
    const connection = (): Connection => house.connection as unknown as Connection;

    /** Romeo and Mercutio talk. */
    async function talk(): Promise<CallId> {
        house.reachable();
        const placed = await house.phone.call(MERCUTIO, { video: false });
        if (!placed.ok) throw new Error(placed.problem);
        const at = house.wheel.now();
        house.sidecar.call(placed.callId, { type: 'answered', at }, { type: 'connected', at });
        return placed.callId;
    }

    /** What Converse does when it cannot sign in again, and shows its form. */
    async function giveUp(): Promise<void> {
        const { settings } = house._converse.api as unknown as {
            settings: { set: (name: string, on: boolean) => void };
        };
        // Ending a mock connection that is up makes Converse connect again 3 s later, in the middle of another spec.
        settings.set('auto_reconnect', false);
        await connection().finishDisconnection();
        await settled();
    }

    const stateOf = (callId: CallId): string | undefined =>
        house.phone.calls.get().find(({ id }) => id === callId)?.state.name;

    beforeEach(async () => {
        spyOn(console, 'error');
        house = await House.registered();
    });

    it('a call goes on, is controlled, and ends; then all is over', async () => {
        const callId = await talk();
        const { sidecar, phone } = house;
        await giveUp();
        expect(stateOf(callId)).toBe('active');
        expect(phone.chatConnected.get()).toBeFalse();
        expect(phone.registration.get().state).toBe('registered');
        expect(phone.calls.get()[0]?.identity.jid).withContext('who it is').toBe(MERCUTIO);
        phone.mute(callId, true);
        expect(sidecar.sent('mute')).toEqual([{ type: 'mute', callId, on: true }]);
        phone.hangUp(callId);
        expect(sidecar.sent('hang-up').length).toBe(1);
        sidecar.call(callId, { type: 'ended', reason: 'hung-up', at: house.wheel.now() });
        expect(stateOf(callId)).toBe('ended');
        expect(sidecar.disposed).toBeFalse();
        phone.dismiss(callId);
        await until('the end', () => sidecar.disposed);
        expect(phone.registration.get().state).toBe('off');
        expect(house.wheel.waiting).toBe(0);
        expect(sessionStorage.getItem('converse-sip-unwritten')).withContext('a device that keeps nothing').toBeNull();
    });

    it('the same person comes back to their call, and contacts are told again', async () => {
        const callId = await talk();
        const { sidecar } = house;
        await giveUp();
        await house.login({ [MERCUTIO]: 'both' });
        expect(house.sidecars).toEqual([sidecar]);
        expect(stateOf(callId)).toBe('active');
        expect(house.phone.chatConnected.get()).toBeTrue();
        house.wheel.turn(2_000);
        await until('presence', () => house.presences.some((each) => each.querySelector('on-the-phone')));
        // What contacts say is heard again
        house.reachable(MERCUTIO, 'sip:elsewhere@sip.montague.lit');
        expect(JSON.stringify(house.sip.lookup(MERCUTIO).addresses)).toContain('sip:elsewhere@sip.montague.lit');
        sidecar.call(callId, { type: 'ended', reason: 'hung-up', at: house.wheel.now() });
        const chat = await house.chat(MERCUTIO);
        await until('entry', () => chat.messages.get(`sip-${callId}`));
        house.phone.dismiss(callId);
        await settled();
        expect(sidecar.disposed).toBeFalse();
        await house.logout();
        expect(sidecar.disposed).toBeTrue();
    });

    it('what ended meanwhile is written when the person is back', async () => {
        const callId = await talk();
        await giveUp();
        house.sidecar.call(callId, { type: 'ended', reason: 'hung-up', at: house.wheel.now() + 5_000 });
        await settled();
        await house.login({ [MERCUTIO]: 'both' });
        const chat = await house.chat(MERCUTIO);
        await until('entry', () => chat.messages.get(`sip-${callId}`));
        expect(house.sidecars.length).toBe(1);
    });

    it('somebody else who logs in ends it, and nothing of it is said or written in their name', async () => {
        const callId = await talk();
        const { sidecar } = house;
        await giveUp();
        const { connection: connections, user } = house._converse.api as unknown as {
            connection: { init: (jid: string) => void };
            user: { login: (jid: string, password: string) => Promise<void> };
        };
        const JULIET = 'juliet@montague.lit/balcony';
        connections.init(JULIET);
        const theirs = connection();
        theirs.jid = JULIET;
        theirs._proto._connect = () => {
            theirs.connected = true;
            theirs.jid = JULIET;
            theirs._changeConnectStatus(11); // BINDREQUIRED
        };
        await user.login(JULIET, 'secret');
        await until('another session', () => house.sidecars.length === 2);
        await settled();
        expect(sidecar.disposed).toBeTrue();
        expect(sidecar.commands.at(-1)).toEqual({ type: 'disconnect' });
        expect(house.phone.calls.get()).toEqual([]);
        expect(house.said('left').length + house.said('retract').length).toBe(0);
        expect(house._converse.state.chatboxes?.get(MERCUTIO)).toBeUndefined();
        expect(JSON.stringify(localStorage) + JSON.stringify(sessionStorage)).not.toContain(callId);
        const kept = Object.keys(localStorage).filter((key) => key.includes(`converse-sip/${ROMEO}`));
        expect(kept).toEqual([]);
    });

    it('all is over at once where there is no call', async () => {
        const { sidecar } = house;
        await giveUp();
        expect(sidecar.disposed).toBeTrue();
        expect(house.wheel.waiting).toBe(0);
        await house.login({ [MERCUTIO]: 'both' });
        expect(house.sidecars.length).toBe(2);
    });

    it('logging out after all ends the call', async () => {
        await talk();
        await giveUp();
        await house._converse.api.trigger('beforeLogout', { synchronous: true });
        await until('the end', () => house.sidecar.disposed);
        expect(house.phone.calls.get()).toEqual([]);
    });
});
