import { announce, createApi, type SipEvents } from '../../src/plugin/api.js';
import type { Host } from '../../src/plugin/converse.js';
import { NOBODY } from '../../src/plugin/identity.js';
import type { Call } from '../../src/plugin/phone.js';
import { readSettings } from '../../src/plugin/settings.js';
import { Telephone, type Line } from '../../src/plugin/telephone.js';
import { firstState, nextState } from '../../src/sip-sidecar/contract/index.js';

const NAMES = [
    'answer',
    'call',
    'camera',
    'chooseDevices',
    'decline',
    'dismiss',
    'hangUp',
    'hold',
    'media',
    'mute',
    'preview',
    'reach',
    'register',
    'sendDigits',
    'share',
    'signIn',
    'signOut',
    'whoIs',
] as const;

describe('api.sip', () => {
    let telephone: Telephone;
    let line: jasmine.SpyObj<Line>;
    beforeEach(() => {
        const { settings } = readSettings((_name, usual) => usual);
        telephone = new Telephone({ api: { user: { jid: () => null } } } as unknown as Host, settings);
        line = jasmine.createSpyObj<Line>('line', [...NAMES]);
        line.call.and.resolveTo({ ok: true, callId: '1' });
        line.reach.and.returnValue({ addresses: [], problem: 'no-address', availability: 'unknown', video: true });
        line.whoIs.and.returnValue('bob@example.net');
    });
    const call: Call = {
        id: '1',
        direction: 'outgoing',
        video: false,
        address: 'sip:bob@sip.example.net',
        displayName: '',
        identity: NOBODY,
        state: firstState('outgoing', false),
        startedAt: 1,
        thread: null,
        sipCallIds: ['1'],
        silent: false,
    };

    it('hands every command to the session', async () => {
        const sip = createApi(telephone);
        telephone.attach(line);
        expect(await sip.call('bob@example.net', { video: true })).toEqual({ ok: true, callId: '1' });
        sip.answer('1', { listenOnly: true });
        sip.decline('1');
        sip.hangUp('1');
        sip.hold('1');
        sip.resume('1');
        sip.mute('1');
        sip.mute('1', false);
        sip.sendDigits('1', '12');
        sip.register();
        expect(line.call).toHaveBeenCalledWith('bob@example.net', { video: true });
        expect(line.answer).toHaveBeenCalledWith('1', { video: false, listenOnly: true });
        expect(line.hold.calls.allArgs()).toEqual([
            ['1', true],
            ['1', false],
        ]);
        expect(line.mute.calls.allArgs()).toEqual([
            ['1', true],
            ['1', false],
        ]);
        expect(line.sendDigits).toHaveBeenCalledWith('1', '12');
        for (const name of ['decline', 'hangUp', 'register'] as const) {
            expect(line[name].calls.count()).toBe(1);
        }
        expect(sip.lookup('bob@example.net').problem).toBe('no-address');
        expect(sip.whoIs('sip:bob@sip.example.net')).toBe('bob@example.net');
    });

    it('is off before login and after logout, and throws at nothing', async () => {
        const sip = createApi(telephone);
        const used = async (): Promise<void> => {
            expect(await sip.call('bob@example.net')).toEqual({ ok: false, problem: 'off' });
            expect(sip.registration()).toEqual({ state: 'off' });
            expect(sip.calls()).toEqual([]);
            expect(sip.lookup('bob@example.net').problem).toBe('off');
            expect(sip.whoIs('sip:x@y.example')).toBeNull();
            for (const name of ['hangUp', 'decline', 'hold', 'mute'] as const) sip[name]('1');
        };
        await used();
        telephone.attach(line);
        telephone.calls.set([call]);
        telephone.registration.set({ state: 'elsewhere' });
        telephone.attach(null);
        await used();
    });

    it('takes what scripts hand in by mistake', async () => {
        const sip = createApi(telephone);
        telephone.attach(line);
        await sip.call(undefined as unknown as string);
        expect(line.call).toHaveBeenCalledWith('', { video: false });
        expect(() => sip.lookup({} as unknown as string)).not.toThrow();
    });

    it('gives copies: a script changes nothing that is shown', () => {
        const sip = createApi(telephone);
        telephone.calls.set([call]);
        (sip.calls()[0] as { address: string }).address = 'changed';
        expect(telephone.calls.get()[0]?.address).toBe(call.address);
    });

    it('tells every change as an event with plain data', () => {
        const told: [string, unknown][] = [];
        const end = announce(telephone, (name, payload) => told.push([name, structuredClone(payload)]));
        telephone.registration.set({ state: 'connecting', attempt: 1 });
        telephone.calls.set([call]);
        telephone.calls.set([call]);
        const ringing = { ...call, state: nextState(call.state, { type: 'ringing' }) };
        telephone.calls.set([ringing]);
        const ended = { ...call, state: nextState(ringing.state, { type: 'ended', reason: 'busy', at: 3 }) };
        telephone.calls.set([ended]);
        telephone.calls.set([]);
        const names: (keyof SipEvents)[] = [
            'sipRegistrationChanged',
            'sipCallStarted',
            'sipCallChanged',
            'sipCallEnded',
        ];
        expect(told).toEqual([
            [names[0]!, { registration: { state: 'connecting', attempt: 1 } }],
            [names[1]!, { call }],
            [names[2]!, { call: ringing }],
            [names[3]!, { call: ended }],
        ]);
        end();
        telephone.registration.set({ state: 'off' });
        expect(told.length).toBe(4);
    });
});
