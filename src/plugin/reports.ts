/** What happened, as one text that the person copies for the administrator. Secrets are left out where it is written. */
import type { CheckResult, SidecarCommand } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';

/** How long to wait for the sidecar's log (ms): it holds nothing where no agent was ever loaded. */
const PATIENCE = 2_000;

/** The questions that are under way. */
export function createReports(send: (command: SidecarCommand) => void, clock: Clock) {
    const waiting: ((log: string) => void)[] = [];

    /** @returns the log, after it what came of the connection test; empty where there is neither */
    async function ask(checks: readonly CheckResult[]): Promise<string> {
        const log = await new Promise<string>((resolve) => {
            const late = clock.after(PATIENCE, () => resolve(''));
            waiting.push(resolve, late);
            send({ type: 'report' });
        });
        const results = checks.map(({ name, result, reason, detail }) => `${name}: ${result} ${reason} ${detail}`);
        return [log, ...results]
            .map((line) => line.trim())
            .join('\n')
            .trim();
    }

    /** The log is here; or there is nobody left who would send it. */
    function onReport(log: string): void {
        for (const done of waiting.splice(0)) done(log);
    }

    return {
        ask,
        onReport,
    };
}

export type Reports = ReturnType<typeof createReports>;
