import { loadLocale } from '../../src/i18n/index.js';
import { isCommand } from '../../src/plugin/command.js';
import { onCallButton, onCommand } from '../../src/plugin/commands.js';
import type { ChatBox, ConverseApi } from '../../src/plugin/converse.js';
import type { Phone, Placed } from '../../src/plugin/phone.js';
import { settled } from './support/until.js';

describe('a call by Converse’s own means', () => {
    let called: [string, boolean][];
    let said: string[];
    let placed: Placed;
    const api = {
        toast: { show: (_name: string, toast: { body: string }) => said.push(toast.body) },
    } as unknown as ConverseApi;
    const phone = {
        call: (target: string, { video }: { video: boolean }) => {
            called.push([target, video]);
            return Promise.resolve(placed);
        },
        person: (jid: string) => (jid === 'bob@example.net' ? { jid, name: 'Bob', model: null } : null),
        reach: { get: () => ({ addresses: [] }) },
    } as unknown as Phone;
    const chat = (type = 'chatbox'): ChatBox =>
        ({ get: (name: string) => (name === 'type' ? type : 'bob@example.net') }) as unknown as ChatBox;

    beforeAll(() => loadLocale('en'));
    beforeEach(() => {
        called = [];
        said = [];
        placed = { ok: true, callId: '1' };
    });

    for (const [typed, target] of [
        ['/call', 'bob@example.net'],
        ['  /CALL  ', 'bob@example.net'],
        ['/call sip:dave@sip.example.net', 'sip:dave@sip.example.net'],
        ['/call dave@sip.example.net', 'sip:dave@sip.example.net'],
        ['/call bob@example.net', 'bob@example.net'],
        ['/call +49 30 123', '+49 30 123'],
    ] as const) {
        it(`${typed} calls ${target}, and nothing is sent`, () => {
            expect(isCommand(typed)).toBeTrue();
            onCommand(api, phone, chat(), typed);
            expect(called).toEqual([[target, false]]);
        });
    }

    for (const other of ['/caller x', 'call me', '/me /call', '', '/', 'x /call']) {
        it(`"${other}" is an ordinary message`, () => {
            expect(isCommand(other)).toBeFalse();
        });
    }

    it('says why not', async () => {
        placed = { ok: false, problem: 'bad-address' };
        onCommand(api, phone, chat(), '/call nonsense');
        await settled();
        expect(said).toEqual(['This is not an address that can be called.']);
    });

    it('says nothing where the person called it off', async () => {
        placed = { ok: false, problem: 'cancelled' };
        onCallButton(api, phone, chat());
        await settled();
        expect(said).toEqual([]);
    });

    it('calls no room, but may call an address from one', () => {
        onCommand(api, phone, chat('chatroom'), '/call');
        onCallButton(api, phone, chat('chatroom'));
        expect(called).toEqual([]);
        expect(said.length).toBe(2);
        onCommand(api, phone, chat('chatroom'), '/call sip:dave@sip.example.net');
        expect(called.length).toBe(1);
    });

    it('presses Call for the button in the toolbar', () => {
        onCallButton(api, phone, chat());
        expect(called).toEqual([['bob@example.net', false]]);
    });

    it('is quick about a text made to be slow', () => {
        const start = performance.now();
        onCommand(api, phone, chat(), `/call ${' '.repeat(50_000)}x${' '.repeat(50_000)}`);
        isCommand(' '.repeat(100_000));
        expect(performance.now() - start).toBeLessThan(200);
    });
});
