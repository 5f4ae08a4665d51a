/** What happened, as one text that the person copies for the administrator. Secrets are left out where it is written. */
import type { CheckResult, SidecarCommand } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';

/** How long to wait for the sidecar's log (ms): it holds nothing where no agent was ever loaded. */
const PATIENCE = 2_000;

/** The questions that are under way. */
export class Reports {
    private readonly waiting = new Set<(log: string) => void>();

    constructor(
        private readonly send: (command: SidecarCommand) => void,
        private readonly clock: Clock,
    ) {}

    /** @returns the log, after it what came of the connection test; empty where there is neither */
    ask(checks: readonly CheckResult[]): Promise<string> {
        return new Promise((resolve) => {
            const done = (log: string): void => {
                late();
                this.waiting.delete(done);
                const results = checks.map(
                    ({ name, result, reason, detail }) => `${name}: ${result} ${reason} ${detail}`,
                );
                resolve(
                    [log, ...results]
                        .map((line) => line.trim())
                        .join('\n')
                        .trim(),
                );
            };
            const late = this.clock.after(PATIENCE, () => done(''));
            this.waiting.add(done);
            this.send({ type: 'report' });
        });
    }

    /** The log is here; or there is nobody left who would send it. */
    onReport(log: string): void {
        for (const done of [...this.waiting]) done(log);
    }
}
