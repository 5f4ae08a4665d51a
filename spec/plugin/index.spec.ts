import { House, MERCUTIO } from './support/house.js';
import { until } from './support/until.js';

describe('the plugin in a real Converse', () => {
    it('registers, learns an address, calls, and leaves an entry in the history', async () => {
        const house = await House.open();
        expect(house.phone.registration.get().state).toBe('needs-credentials');
        house.phone.signIn({ username: 'romeo', password: 'secret' });
        const [connect] = house.sidecar.sent('connect');
        expect(connect!.account).toEqual({
            uri: 'sip:romeo@sip.montague.lit',
            username: 'romeo',
            displayName: '',
            password: 'secret',
        });
        expect(house.phone.reach.get(MERCUTIO).problem).toBe('needs-credentials');
        house.sidecar.registered();
        expect(house.phone.reach.get(MERCUTIO).problem).toBe('no-address');
        house.reachable();
        expect(house.phone.reach.get(MERCUTIO).problem).toBeNull();

        const placed = await house.phone.call(MERCUTIO, { video: false });
        if (!placed.ok) throw new Error(placed.problem);
        const { callId } = placed;
        expect(house.sidecar.sent('call')).toEqual([
            { type: 'call', callId, to: 'sip:mercutio@sip.montague.lit', video: false, headers: [] },
        ]);
        const at = house.wheel.now();
        house.sidecar.call(
            callId,
            { type: 'ringing' },
            { type: 'answered', at },
            { type: 'connected', at: at + 100 },
            { type: 'ended', reason: 'hung-up', at: at + 83_000 },
        );
        const chat = await house.chat(MERCUTIO);

        const entry = await until('entry', () => chat.messages.get(`sip-${callId}`));
        expect(entry.get('message')).toBe('Outgoing call, 1:23');
        expect(entry.get('type')).toBe('info');
    });
});
