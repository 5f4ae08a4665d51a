/** The connection test: the sidecar's checks and the one of chat, as one list. */
import { checked, CHECKS, running, type CheckResult, type SidecarCommand } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import type { Value } from './observable.js';

/** A check that has said nothing for so long (ms) gets no answer any more; the person may have been asked for two devices. */
const PATIENCE = 75_000;

/** What this needs. */
export interface ConnectionTestNeeds {
    /** Where the results are shown. */
    readonly checks: Value<readonly CheckResult[]>;
    readonly clock: Clock;
    readonly send: (command: SidecarCommand) => void;
    /** Whether contacts see the own address. */
    readonly visible: () => Promise<CheckResult>;
}

/** Runs one test at a time. */
export function createConnectionTest(needs: ConnectionTestNeeds) {
    let limit: (() => void) | null = null;

    /** Begins, unless one is running. */
    function start(): void {
        const { checks, clock, send, visible } = needs;
        if (checks.get().some(({ result }) => result === 'running')) return;
        checks.set(CHECKS.map(running));
        limit?.();
        limit = clock.after(PATIENCE, () => {
            for (const check of checks.get()) {
                if (check.result === 'running') onTested(checked(check.name, 'no-answer'));
            }
        });
        send({ type: 'test' });
        void visible().then((check) => onTested(check));
    }

    /** What came of one check; counts also where it comes late. */
    function onTested(check: CheckResult): void {
        const { checks } = needs;
        checks.set(checks.get().map((each) => (each.name === check.name ? check : each)));
    }

    return {
        start,
        onTested,
    };
}

export type ConnectionTest = ReturnType<typeof createConnectionTest>;
