/** The door of media: loaded with the agent, when there is an account. */
import { pageClock, type Clock, type MediaEngine, type MediaEngineListener } from '../contract/index.js';
import { createEngine } from './engine.js';

/** Only differences of times count here: they must not jump when somebody sets the machine's clock. */
const steadyClock: Clock = { ...pageClock, now: () => performance.now() };

/** Makes the one engine of a page. @param clock the browser's, but for specs */
export function createMediaEngine(listener: MediaEngineListener, clock: Clock = steadyClock): MediaEngine {
    return createEngine(listener, clock);
}
