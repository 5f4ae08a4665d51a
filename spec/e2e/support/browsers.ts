/** The browsers of the specs: started when first needed, shared by all, closed when everything is over. */
import { networkInterfaces } from 'node:os';
import { chromium, firefox, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

/** A browser, or a Chromium that lacks something. */
export type BrowserName =
    | 'chromium'
    | 'firefox'
    /** The person refuses every request for a microphone or camera. */
    | 'chromium that refuses devices'
    /** Neither microphone nor camera is connected. */
    | 'chromium without devices'
    /** A microphone, no camera. */
    | 'chromium without camera'
    /** It offers no address of loopback where the machine has another network. */
    | 'chromium on one network';

/** A host name that leads here but is no secure context, unlike `localhost` and its subdomains. */
export const INSECURE_HOST = 'client.test';

const FAKE_DEVICES = '--use-fake-device-for-media-stream';
const SAYS_YES = '--use-fake-ui-for-media-stream';

const CHROMIUM_FLAGS: Readonly<Record<Exclude<BrowserName, 'firefox'>, readonly string[]>> = {
    chromium: [FAKE_DEVICES, SAYS_YES],
    'chromium that refuses devices': [FAKE_DEVICES, `${SAYS_YES}=deny`],
    'chromium without devices': ['--disable-audio-input', SAYS_YES], // no fake ones
    'chromium without camera': [`${FAKE_DEVICES}=device-count=0`, SAYS_YES],
    'chromium on one network': [FAKE_DEVICES, SAYS_YES],
};

/** Whether there is more than loopback. */
const hasNetwork = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal));

/** @param program a script that starts one, where it is to be started elsewhere */
export const launchChromium = (name: Exclude<BrowserName, 'firefox'>, program?: string): Promise<Browser> =>
    chromium.launch({
        executablePath: program ?? process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
        args: [
            '--headless=new',
            '--no-sandbox',
            '--autoplay-policy=no-user-gesture-required',
            ...(name === 'chromium on one network' && hasNetwork ? [] : ['--allow-loopback-in-peer-connection']),
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
            '--disable-default-apps',
            '--no-first-run',
            '--disable-dev-shm-usage',
            `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE localhost,EXCLUDE *.localhost,EXCLUDE 127.0.0.1`,
            ...CHROMIUM_FLAGS[name],
        ],
    });

/** How the driver speaks to it: a stock Firefox takes WebDriver BiDi; empty: a build of Playwright's (scripts/setup.mjs). */
const FIREFOX_CHANNEL = process.env['FIREFOX_CHANNEL'] ?? 'moz-firefox';

const launchFirefox = (): Promise<Browser> =>
    firefox.launch({
        ...(FIREFOX_CHANNEL && { channel: FIREFOX_CHANNEL }),
        executablePath: process.env['FIREFOX_BIN'] ?? '/usr/bin/firefox-esr',
        firefoxUserPrefs: {
            'media.navigator.streams.fake': true,
            'media.navigator.permission.disabled': true,
            'media.autoplay.default': 0,
            'media.autoplay.blocking_policy': 0,
            'media.peerconnection.ice.loopback': true,
            'media.peerconnection.ice.obfuscate_host_addresses': false,
        },
    });

const running = new Map<BrowserName, Promise<Browser>>();

/** The browser, started if it does not run yet. */
export function browser(name: BrowserName): Promise<Browser> {
    let launched = running.get(name);
    if (!launched) {
        launched = name === 'firefox' ? launchFirefox() : launchChromium(name);
        running.set(name, launched);
    }
    return launched;
}

/** A browser profile of its own: nothing is shared with any other. @param name or a browser of one's own */
export async function newProfile(name: BrowserName | Browser, options: BrowserContextOptions): Promise<BrowserContext> {
    if (typeof name === 'object') return name.newContext(options);
    // The driver cannot emulate media features in a stock Firefox.
    const quirks = name === 'firefox' && { colorScheme: null, reducedMotion: null, forcedColors: null, contrast: null };
    return (await browser(name)).newContext({ ...options, ...quirks });
}

export async function closeBrowsers(): Promise<void> {
    const all = [...running.values()];
    running.clear();
    await Promise.allSettled(all.map(async (launched) => (await launched).close()));
}
