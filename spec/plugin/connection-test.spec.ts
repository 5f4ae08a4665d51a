import { createConnectionTest, type ConnectionTest } from '../../src/plugin/connection-test.js';
import { Value } from '../../src/plugin/observable.js';
import { checked, CHECKS, type CheckResult, type SidecarCommand } from '../../src/sip-sidecar/contract/index.js';
import { Wheel } from './support/wheel.js';

describe('the connection test of the plugin', () => {
    let checks: Value<readonly CheckResult[]>;
    let sent: SidecarCommand[];
    let wheel: Wheel;
    let test: ConnectionTest;
    let seen: (check: CheckResult) => void;
    const result = (name: string): string | undefined => checks.get().find((check) => check.name === name)?.result;
    beforeEach(() => {
        checks = new Value<readonly CheckResult[]>([]);
        sent = [];
        wheel = new Wheel();
        test = createConnectionTest({
            checks,
            clock: wheel,
            send: (command) => sent.push(command),
            visible: () => new Promise((resolve) => (seen = resolve)),
        });
    });

    it('asks the sidecar and chat, and lists every check in order from the beginning', async () => {
        test.start();
        expect(sent).toEqual([{ type: 'test' }]);
        expect(checks.get().map(({ name }) => name)).toEqual([...CHECKS]);
        expect(new Set(checks.get().map((check) => check.result))).toEqual(new Set(['running']));
        test.onTested(checked('stun', 'no-answer'));
        seen(checked('address-visible'));
        await Promise.resolve();
        expect(checks.get().map(({ name }) => name)).toEqual([...CHECKS]);
        expect([result('stun'), result('address-visible'), result('server')]).toEqual(['failed', 'passed', 'running']);
    });

    it('runs one at a time, and again when it is over', () => {
        test.start();
        test.start();
        expect(sent.length).toBe(1);
        for (const name of CHECKS) test.onTested(checked(name));
        test.start();
        expect(sent.length).toBe(2);
        expect(result('stun')).toBe('running');
    });

    it('ends where a check says nothing; one that comes late still counts', () => {
        test.start();
        test.onTested(checked('server'));
        wheel.turn(75_000);
        expect(checks.get().find(({ name }) => name === 'stun')).toEqual(checked('stun', 'no-answer'));
        expect(result('server')).toBe('passed');
        test.onTested(checked('stun'));
        expect(result('stun')).toBe('passed');
    });

    it('takes in nothing that was not asked for', () => {
        test.onTested(checked('server'));
        expect(checks.get()).toEqual([]);
    });
});
