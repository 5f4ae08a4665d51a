/* Unit specs in a real Chromium, with Converse's own build and its mock connection. */
const path = require('node:path');

const file = (pattern) => ({ pattern, included: true, served: true, watched: false });
const served = (pattern) => ({ pattern, included: false, served: true, watched: false });
const converse = 'node_modules/converse.js/dist/';

/**
 * The framework for jasmine-core 7, which installs its globals itself when it is loaded as a classic script: only
 * karma-jasmine's adapter is used, not its boot.js, which wants an older jasmine-core.
 */
function jasmine7(files) {
    const core = path.dirname(require.resolve('jasmine-core'));
    const adapter = path.join(path.dirname(require.resolve('karma-jasmine')), 'adapter.js');
    files.unshift(file(adapter));
    files.unshift(file(path.join(core, 'jasmine-core/jasmine.js')));
}
jasmine7.$inject = ['config.files'];

/** `npm run test:long` has more of some. */
const long = 'CONVERSE_SIP_STORIES' in process.env;

module.exports = (config) =>
    config.set({
        basePath: '',
        frameworks: ['jasmine7'],
        plugins: [{ 'framework:jasmine7': ['factory', jasmine7] }, 'karma-jasmine', 'karma-chrome-launcher'],
        files: [
            { ...file(`${converse}converse.min.css`), type: 'css' },
            { ...file(`${converse}converse.js`), type: 'module' },
            served(`${converse}**/*`),
            served('node_modules/converse.js/src/headless/tests/mock.js'),
            { ...file('.cache/specs/specs.js'), type: 'module' },
            served('.cache/specs/chunks/*.js'),
        ],
        proxies: { '/dist/': `/base/${converse}` },
        client: {
            // How many messages mutations.spec.ts makes.
            mutations: Number(process.env.CONVERSE_SIP_MUTATIONS ?? 5_000),
            // How many calls any-order.spec.ts lives through.
            stories: Number(process.env.CONVERSE_SIP_STORIES ?? 100),
            clearContext: false,
            jasmine: { random: false, timeoutInterval: long ? 600_000 : 20_000 },
        },
        reporters: ['dots'],
        browsers: ['ChromiumRoot'],
        customLaunchers: {
            ChromiumRoot: {
                base: 'ChromiumHeadless',
                flags: [
                    '--no-sandbox',
                    '--disable-gpu',
                    '--use-fake-device-for-media-stream',
                    '--use-fake-ui-for-media-stream',
                    '--autoplay-policy=no-user-gesture-required',
                    '--allow-loopback-in-peer-connection',
                    '--disable-background-networking',
                    '--disable-component-update',
                    '--disable-sync',
                    '--no-first-run',
                    '--disable-dev-shm-usage',
                ],
            },
        },
        singleRun: true,
        autoWatch: false,
        browserNoActivityTimeout: long ? 1_800_000 : 120_000,
    });
