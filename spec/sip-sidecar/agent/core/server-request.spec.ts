import { takeRequest, type ServerRequest } from '../../../../src/sip-sidecar/agent/core/server-request.js';
import { request, TestCore } from '../support/core.js';

describe('A request of theirs', () => {
    let test: TestCore;
    beforeEach(() => {
        test = new TestCore();
    });

    const receive = (method = 'INVITE', more = {}): ServerRequest => takeRequest(test.core, request(method, more));
    const branch = 'z9hG4bKINVITE1';

    it('that comes again while it waits gets what it got last, or nothing', () => {
        const invite = receive();
        test.core.receiveRequest(request('INVITE'));
        expect(test.said).toEqual([]);
        invite.reply(100);
        invite.reply(180);
        test.core.receiveRequest(request('INVITE'));
        expect(test.said).toEqual(['100', '180', '180']);
        expect(test.invited).toEqual([]);
    });

    it('has the same To tag in every answer but 100, which has none', () => {
        const invite = receive();
        invite.reply(100);
        invite.reply(180);
        invite.reply(200);
        expect(test.sent[0]?.header('To')).not.toContain('tag');
        expect(test.sent[1]?.header('To')).toMatch(/;tag=[0-9a-f]{20}$/u);
        expect(test.sent[2]?.header('To')).toBe(test.sent[1]!.header('To'));
    });

    it('is answered once', () => {
        const invite = receive();
        invite.reply(486);
        expect(() => {
            invite.reply(200);
        }).toThrowError();
        expect(test.said).toEqual(['486']);
    });

    it('that is provisionally answered is so again each minute, until there is an answer', async () => {
        const invite = receive();
        invite.reply(180);
        await test.clock.advance(125_000);
        expect(test.said).toEqual(['180', '180', '180']);
        invite.reply(486);
        await test.clock.advance(200_000);
        expect(test.said.filter((status) => status === '180').length).toBe(3);
    });

    it('that is reliably answered before that is so again after 0.5, 1, 2, 4, 8 … s, until that is confirmed', async () => {
        const invite = receive();
        invite.reply(180, ['RSeq: 1'], null, true);
        await test.clock.advance(15_600);
        expect(test.said).toEqual(Array<string>(6).fill('180'));
        invite.acknowledged();
        await test.clock.advance(120_000);
        expect(test.said.length).toBe(6);
    });

    it('INVITE that is accepted hears so again after 0.5, 1, 2, 4, 4 … s, until the ACK', async () => {
        const invite = receive();
        invite.reply(200);
        const after = async (ms: number): Promise<number> => {
            await test.clock.advance(ms);
            return test.sent.length;
        };
        expect(await after(499)).toBe(1);
        expect(await after(1)).toBe(2);
        expect(await after(1000)).toBe(3);
        expect(await after(2000)).toBe(4);
        expect(await after(4000)).toBe(5);
        expect(await after(4000)).toBe(6);
        invite.acknowledged();
        expect(await after(100_000)).toBe(6);
        expect(new Set(test.sent.map(({ text }) => text)).size).toBe(1);
    });

    it('INVITE that is accepted and never acknowledged is given up after 32 s, and said so once', async () => {
        const invite = receive();
        let missed = 0;
        invite.unacknowledged = () => (missed += 1);
        invite.reply(200);
        await test.clock.advance(31_900);
        expect(missed).toBe(0);
        await test.clock.advance(200);
        expect(missed).toBe(1);
        expect(test.clock.pending).toBe(0);
        expect(test.core.servers.size).toBe(0);
    });

    it('INVITE that was accepted swallows what comes again, and leaves the ACK to the dialog', () => {
        receive().reply(200);
        test.core.receiveRequest(request('INVITE'));
        test.core.receiveRequest(request('ACK', { branch, toTag: 'elsewhere' }));
        expect(test.said).toEqual(['200']);
        expect(test.core.servers.size).toBe(1);
    });

    it('INVITE that was refused is so again when it comes again, until the ACK, or for 32 s', async () => {
        for (const acknowledged of [true, false]) {
            test = new TestCore();
            receive().reply(486);
            test.core.receiveRequest(request('INVITE'));
            expect(test.said).toEqual(['486', '486']);
            if (acknowledged) test.core.receiveRequest(request('ACK', { branch }));
            else await test.clock.advance(32_000);
            expect(test.core.servers.size).toBe(0);
            expect(test.clock.pending).toBe(0);
        }
    });

    it('is not ended by an ACK that comes too early', () => {
        const invite = receive();
        test.core.receiveRequest(request('ACK', { branch }));
        invite.reply(200);
        expect(test.said).toEqual(['200']);
    });

    it('can be taken back until it is answered; the CANCEL is answered in any case', () => {
        const invite = receive();
        let taken = 0;
        invite.cancelled = () => {
            taken += 1;
            invite.reply(487);
        };
        invite.reply(180);
        test.core.receiveRequest(request('CANCEL', { branch }));
        test.core.receiveRequest(request('CANCEL', { branch }));
        expect(test.said).toEqual(['180', '200', '487', '200']);
        expect(taken).toBe(1);
    });

    it('that nobody answers is forgotten after a quarter of an hour, and said nothing more about', async () => {
        receive().reply(180);
        await test.clock.advance(900_000);
        const { length } = test.sent;
        expect(test.core.servers.size).toBe(0);
        await test.clock.advance(900_000);
        expect(test.sent.length).toBe(length);
        expect(test.clock.pending).toBe(0);
    });

    it('other than INVITE is forgotten with its answer', () => {
        const info = receive('INFO');
        test.core.receiveRequest(request('INFO'));
        expect(test.said).toEqual([]);
        info.reply(200);
        expect(test.core.servers.size).toBe(0);
        expect(test.clock.pending).toBe(0);
    });

    it('INVITE finds its way back noted in what opens a dialog, and in nothing else', () => {
        const routes = ['<sip:one.example;lr>', '<sip:two.example;lr>'];
        const headers = ['Contact: <sip:b@far.invalid>', ...routes.map((route) => `Record-Route: ${route}`)];
        const invite = receive('INVITE', { headers });
        invite.reply(100);
        invite.reply(180);
        invite.reply(200);
        receive('INVITE', { headers, cseq: 2 }).reply(486);
        receive('INFO', { headers }).reply(200);
        expect(test.sent.map((message) => message.headers('Record-Route'))).toEqual([[], routes, routes, [], []]);
    });
});
