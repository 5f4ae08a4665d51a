/** A helper that Jasmine loads before every spec: what all specs share ends after the last one. */
import { closeBrowsers } from './browsers.js';
import { closeSite } from './house.js';
import { PATIENCE } from './until.js';

jasmine.DEFAULT_TIMEOUT_INTERVAL = 6 * PATIENCE;

afterAll(async () => {
    await Promise.all([closeBrowsers(), closeSite()]);
});
