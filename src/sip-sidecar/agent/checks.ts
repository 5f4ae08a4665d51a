/** The agent's half of the connection test: whether the SIP server is reached, knows us, and has registered us. */
import type { CheckReason, CheckResult, Clock, Registration } from '../contract/index.js';
import { SIGNALLING_CHECKS, checked, isRegistered, running } from '../contract/index.js';

/** What it is told by. */
export interface SignallingTest {
    readonly registration: () => Registration;
    /** Whether the server answers now. */
    readonly alive: () => Promise<boolean>;
    /** The servers, for administrators. */
    readonly servers: string;
    readonly clock: Clock;
    readonly tell: (check: CheckResult) => void;
}

/** An attempt that is under way may take so long, in ms; looked at so often. */
const PATIENCE = 10_000;
const LOOK = 200;

/** What the three checks say; the empty reason: passed. */
function reasons(registration: Registration, alive: boolean): readonly (CheckReason | '')[] {
    if (isRegistered(registration)) return [alive ? '' : 'no-answer'];
    if (registration.state !== 'refused') return [navigator.onLine ? 'no-answer' : 'offline', 'not-tried', 'not-tried'];
    return registration.refusal === 'credentials' ? ['', 'wrong-credentials', 'not-tried'] : ['', '', 'forbidden'];
}

/** Tells the three checks. Never rejects. */
export async function testSignalling({ registration, alive, servers, clock, tell }: SignallingTest): Promise<void> {
    for (const name of SIGNALLING_CHECKS) tell(running(name));
    const end = clock.now() + PATIENCE;
    while (registration().state === 'connecting' && clock.now() < end) {
        await new Promise<void>((resolve) => clock.after(LOOK, resolve));
    }
    const since = clock.now();
    const answers = isRegistered(registration()) && (await alive());
    const took = answers ? ` ${String(Math.round(clock.now() - since))} ms` : '';
    const why = reasons(registration(), answers);
    for (const [i, name] of SIGNALLING_CHECKS.entries())
        tell(checked(name, why[i], name === 'server' ? servers + took : ''));
}
