import { createIceServers, type IceServers } from '../../src/plugin/ice-servers.js';
import type { IceServer } from '../../src/sip-sidecar/contract/index.js';
import { settled } from './support/until.js';
import { Wheel } from './support/wheel.js';
import { xml } from './support/xml.js';

describe('STUN and TURN servers', () => {
    const OWN: IceServer = { urls: 'stun:own.example' };
    let wheel: Wheel;
    let lists: (readonly IceServer[])[];
    let failed: unknown[];
    let asked: number;
    let answer: () => Promise<Element>;
    let supported: boolean;
    const make = (): IceServers =>
        createIceServers({
            jid: 'alice@example.net',
            settings: { iceServers: [OWN] },
            clock: wheel,
            sendIQ: () => {
                asked++;
                return answer();
            },
            supports: () => Promise.resolve(supported),
            command: (command) => command.type === 'ice-servers' && lists.push(command.iceServers),
            failed: (_code, why) => failed.push(why),
        });
    const offer = (expires = ''): Element =>
        xml(
            `<iq xmlns='jabber:client' type='result'><services xmlns='urn:xmpp:extdisco:2'>` +
                `<service type='turn' host='t.example' username='u' password='p'${expires}/></services></iq>`,
        );
    beforeEach(() => {
        wheel = new Wheel();
        lists = [];
        failed = [];
        asked = 0;
        supported = true;
        answer = () => Promise.resolve(offer());
    });

    it("are the site's, and those the XMPP server offers", async () => {
        const servers = make();
        expect(servers.all).toEqual([OWN]);
        await servers.refresh();
        expect(lists).toEqual([[OWN, { urls: 'turn:t.example', username: 'u', credential: 'p' }]]);
        expect(servers.all).toEqual(lists[0]!);
        expect(wheel.waiting).toBe(0);
    });

    it('are asked for again a minute before they expire', async () => {
        answer = () => Promise.resolve(offer(` expires='${new Date(wheel.now() + 600_000).toISOString()}'`));
        const servers = make();
        await servers.refresh();
        wheel.turn(539_999);
        expect(asked).toBe(1);
        wheel.turn(1);
        await settled();
        expect(asked).toBe(2);
        expect(wheel.waiting).toBe(1);
    });

    it('are not asked for without end where they have expired already', async () => {
        answer = () => Promise.resolve(offer(` expires='2001-01-01T00:00:00Z'`));
        await make().refresh();
        wheel.turn(59_999);
        await settled();
        expect(asked).toBe(1);
    });

    it('are only the site’s where the server offers none', async () => {
        supported = false;
        await make().refresh();
        expect(asked).toBe(0);
        expect(failed).toEqual([]);
    });

    it('are only the site’s where the question fails, and the administrator is told', async () => {
        answer = () => Promise.reject(new Error('not connected'));
        const servers = make();
        await servers.refresh();
        expect(failed).toEqual([new Error('not connected')]);
        expect(servers.all).toEqual([OWN]);
    });

    it('that could not be renewed are asked for again every minute, and the administrator is told once', async () => {
        answer = () => Promise.resolve(offer(` expires='${new Date(wheel.now() + 600_000).toISOString()}'`));
        const servers = make();
        await servers.refresh();
        answer = () => Promise.reject(new Error('not connected'));
        for (const wait of [540_000, 60_000, 60_000]) {
            wheel.turn(wait);
            await settled();
        }
        expect([asked, failed.length]).toEqual([4, 1]);
        answer = () => Promise.resolve(offer());
        wheel.turn(60_000);
        await settled();
        expect([asked, wheel.waiting]).toEqual([5, 0]);
    });

    it('are renewed once, however often they were asked for', async () => {
        answer = () => Promise.resolve(offer(` expires='${new Date(wheel.now() + 600_000).toISOString()}'`));
        const servers = make();
        await Promise.all([servers.refresh(), servers.refresh()]);
        expect(wheel.waiting).toBe(1);
    });
});
