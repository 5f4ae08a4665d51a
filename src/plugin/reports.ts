/** What happened, as one text that the person copies for the administrator. Secrets are left out where it is written. */
import type { CheckResult, SidecarCommand } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';

/** How long to wait for the sidecar's log (ms): it holds nothing where no agent was ever loaded. */
const PATIENCE = 2_000;

/** The questions that are under way. */
export class Reports {
    private waiting: ((log: string) => void)[] = [];

    constructor(
        private readonly send: (command: SidecarCommand) => void,
        private readonly clock: Clock,
    ) {}

    /** @returns the log, after it what came of the connection test; empty where there is neither */
    async ask(checks: readonly CheckResult[]): Promise<string> {
        const log = await new Promise<string>((resolve) => {
            const late = this.clock.after(PATIENCE, () => resolve(''));
            this.waiting.push(resolve, late);
            this.send({ type: 'report' });
        });
        const results = checks.map(({ name, result, reason, detail }) => `${name}: ${result} ${reason} ${detail}`);
        return [log, ...results]
            .map((line) => line.trim())
            .join('\n')
            .trim();
    }

    /** The log is here; or there is nobody left who would send it. */
    onReport(log: string): void {
        for (const done of this.waiting.splice(0)) done(log);
    }
}
