/** The door of media: loaded with the agent, when there is an account. */
import type { MediaEngine, MediaEngineListener } from '../contract/index.js';
import { browserClock, type Clock } from './clock.js';
import { Engine } from './engine.js';

/** Makes the one engine of a page. @param clock the browser's, but for specs */
export function createMediaEngine(listener: MediaEngineListener, clock: Clock = browserClock): MediaEngine {
    return new Engine(listener, clock);
}
