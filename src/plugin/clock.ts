/** Time and chance, handed in so that specs can turn the wheel by hand. */
import { pageClock, type Clock as PageClock } from '../sip-sidecar/contract/index.js';

/** What waits, and what throws dice. */
export interface Clock extends PageClock {
    /** At least 0, less than 1; for spreading things out, never for secrets. */
    random(): number;
}

/** The browser's. */
export const systemClock: Clock = { ...pageClock, random: () => Math.random() };
