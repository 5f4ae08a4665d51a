/** `sip_wait_for_registration`: contacts see the person, and whether calls are taken, at once (RFC 7081 section 2). */
import type { Registration } from '../sip-sidecar/contract/index.js';
import type { Clock } from './clock.js';
import type { Readable } from './observable.js';

/** Chat does not stay off line for ever because the telephone does (ms). */
export const LONGEST = 10_000;

/** Whether nothing is decided yet: it will be tried, or is tried (again). */
export function isUndecided({ state }: Registration): boolean {
    return ['off', 'connecting', 'offline'].includes(state);
}

/** Resolves once a value is as it should be, or after so long (ms). */
export async function waitFor<T>(
    value: Readable<T>,
    isRight: (now: T) => boolean,
    clock: Clock,
    longest: number,
): Promise<void> {
    if (isRight(value.get())) return;
    await new Promise<void>((resolve) => {
        const end = (): void => {
            unsubscribe();
            callOff();
            resolve();
        };
        const unsubscribe = value.subscribe((now) => {
            if (isRight(now)) end();
        });
        const callOff = clock.after(longest, end);
    });
}

/** Resolves once it is known whether SIP is registered, or after {@link LONGEST}. */
export function whenRegistered(registration: Readable<Registration>, clock: Clock): Promise<void> {
    return waitFor(registration, (now) => !isUndecided(now), clock, LONGEST);
}
