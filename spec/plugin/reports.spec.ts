import { createReports, type Reports } from '../../src/plugin/reports.js';
import { checked, type SidecarCommand } from '../../src/sip-sidecar/contract/index.js';
import { Wheel } from './support/wheel.js';

describe('the text for the administrator', () => {
    let sent: SidecarCommand[];
    let wheel: Wheel;
    let reports: Reports;
    beforeEach(() => {
        sent = [];
        wheel = new Wheel();
        reports = createReports((command) => sent.push(command), wheel);
    });

    it('is the log, and after it what came of the connection test', async () => {
        const text = reports.ask([checked('server'), checked('stun', 'no-answer', 'stun:stun.example.net')]);
        expect(sent).toEqual([{ type: 'report' }]);
        reports.onReport('10:00:00 REGISTER\n');
        expect(await text).toBe('10:00:00 REGISTER\nserver: passed\nstun: failed no-answer stun:stun.example.net');
        expect(wheel.waiting).toBe(0);
    });

    it('comes without a log where nothing was ever loaded that keeps one', async () => {
        const texts = [reports.ask([checked('server')]), reports.ask([])];
        wheel.turn(2_000);
        expect(await Promise.all(texts)).toEqual(['server: passed', '']);
    });

    it('answers everybody who asked, once', async () => {
        const texts = [reports.ask([]), reports.ask([])];
        reports.onReport('log');
        reports.onReport('another');
        expect(await Promise.all(texts)).toEqual(['log', 'log']);
    });
});
