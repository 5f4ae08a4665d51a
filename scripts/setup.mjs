/**
 * Everything from a fresh clone on a bare machine: npm packages, system packages, build. Only what is missing is done,
 * so that a second run takes a moment. No question is asked. `node scripts/setup.mjs --help` says more.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, must, Problem, root, run, say, step } from './lib.mjs';

const HELP = `Usage: node scripts/setup.mjs [servers|start|test]

Installs what is missing for
  servers   npm run servers: Prosody, Kamailio, coturn
  start     npm start: the same, and the build
  test      npm test: the same, and browsers and telephones (the default)

System packages come from apt (Debian 12 or newer, Ubuntu 22.04 or newer), as root or through sudo without a password.

On a system without apt, install the programs yourself, or let the demo use servers that you have:
  XMPP_WEBSOCKET   WebSocket URL of the XMPP server, e.g. wss://xmpp.example.org/xmpp-websocket
  SIP_SERVER       WebSocket URL of the SIP server, e.g. wss://sip.example.org/
  XMPP_DOMAIN      domain of the JIDs (default: localhost)
  SIP_DOMAIN       domain of the SIP addresses (default: XMPP_DOMAIN)
  DEMO_USERS       two or three accounts as name:password,name:password; the same for both servers

Browsers for the specs, where the system's are not to be used:
  CHROMIUM_BIN     path of a Chromium or Chrome
  FIREFOX_BIN      path of a Firefox
`;

/**
 * System packages in the groups in which they are installed: what for, how long it takes, where they are needed, and the
 * services that come with them, by package.
 */
const GROUPS = [
    {
        title: 'Prosody, Kamailio and coturn',
        estimate: 'about 20 s',
        purposes: ['servers', 'start', 'test'],
        packages: {
            prosody: 'prosody',
            kamailio: 'kamailio',
            'kamailio-websocket-modules': null,
            'kamailio-outbound-modules': null,
            coturn: 'turnserver',
        },
        services: { prosody: 'prosody.service', kamailio: 'kamailio.service', coturn: 'coturn.service' },
    },
    {
        title: 'the telephone baresip, sipp, slixmpp, and cables that can be pulled',
        estimate: 'about 15 s',
        purposes: ['test'],
        packages: { 'baresip-core': 'baresip', 'sip-tester': 'sipp', 'python3-slixmpp': null, iproute2: 'ip' },
        services: {},
    },
    {
        title: 'ejabberd, a second XMPP server for the specs',
        estimate: 'about 20 s',
        purposes: ['test'],
        packages: { 'erlang-base': 'erl', ejabberd: 'ejabberdctl' },
        // The port mapper of Erlang listens on all addresses
        services: { 'erlang-base': 'epmd.socket,epmd.service', ejabberd: 'ejabberd.service' },
    },
    {
        title: 'Chromium',
        estimate: 'about 60 s',
        purposes: ['test'],
        packages: { chromium: 'chromium' },
        browser: 'chromium',
        services: {},
    },
    {
        title: 'Firefox ESR',
        estimate: 'about 30 s',
        purposes: ['test'],
        packages: { 'firefox-esr': 'firefox-esr' },
        browser: 'firefox',
        services: {},
    },
];

/** Browsers by program, best first, as they lie where they were not installed by us. */
const BROWSERS = {
    chromium: { variable: 'CHROMIUM_BIN', programs: ['chromium', 'google-chrome-stable', 'google-chrome'] },
    firefox: { variable: 'FIREFOX_BIN', programs: ['firefox-esr'] },
};

const isDirectory = (file) => statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** @returns {string | null} where a program lies */
function which(program) {
    const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
    return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file)) ?? null;
}

/**
 * A browser's program. Ubuntu's `chromium` and `firefox` are stubs that start a snap, whose sandbox no driver gets through;
 * the stubs lie in /snap or are shell scripts that name snap.
 */
function findBrowser(name) {
    const { variable, programs } = BROWSERS[name];
    const given = process.env[variable];
    if (given) {
        if (!existsSync(given)) throw new Problem(`${variable} names ${given}, which is not there.`);
        return given;
    }
    return programs.map(which).find((file) => file !== null && !isSnap(file)) ?? null;
}

function isSnap(file) {
    if (file.startsWith('/snap/')) return true;
    const { size } = statSync(file);
    return size < 10_000 && /\/snap\/|snap run/u.test(readFileSync(file, 'utf8'));
}

/** Whether node_modules holds exactly what the lock file says. npm writes down what it installed as its last act. */
function npmPackagesAreThere() {
    const installed = path.join(root, 'node_modules/.package-lock.json');
    if (!existsSync(installed)) return false;
    const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
    const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
    return (
        Object.entries(wanted).every(
            ([name, entry]) =>
                name === '' || (have[name] ? have[name].version === entry.version : Boolean(entry.optional)),
        ) && Object.keys(have).every((name) => name in wanted)
    );
}

async function installNpmPackages() {
    if (npmPackagesAreThere()) return;
    await step('Installing npm packages', 'about 30 s', () => must('npm', ['ci', '--no-audit', '--no-fund']));
}

/** @returns {Promise<string[]>} those of these packages that are not installed */
async function missingPackages(packages) {
    if (packages.length === 0) return [];
    const { output } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...packages]);
    const installed = new Set(
        output
            .split('\n')
            .filter((line) => line.endsWith(' installed'))
            .map((line) => line.split(' ')[0]),
    );
    return packages.filter((name) => !installed.has(name));
}

/** How to become root without a question: a prefix for commands, null when there is no way. */
async function rootPrefix() {
    if (process.getuid?.() === 0) return [];
    return (await run('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : null;
}

/**
 * Installs in one shell of root's, which cleans up after itself however it ends. A package may start its service on all
 * addresses when it is installed: policy-rc.d forbids that for the time (a policy that is there already is left alone),
 * and services that came with our packages are not started by the next boot either.
 * Arguments: yes|no (update the lists first), units of systemd separated by commas, packages.
 */
const INSTALL = `
set -eu
update=$1; services=$2; shift 2
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' INT TERM HUP
    printf '#!/bin/sh\\nexit 101\\n' > "$policy"
    chmod 755 "$policy"
fi
if [ "$update" = yes ]; then apt-get -o DPkg::Lock::Timeout=300 -q update; fi
apt-get -o DPkg::Lock::Timeout=300 -q -y --no-install-recommends install "$@"
if [ -d /run/systemd/system ]; then
    for service in $(echo "$services" | tr , ' '); do systemctl -q disable "$service" || true; done
fi
`;

/** apt's lists are there. They may be old; then the installation fails and is tried again with new ones. */
const listsAreThere = () =>
    isDirectory('/var/lib/apt/lists') && readdirSync('/var/lib/apt/lists').some((name) => /_Packages/u.test(name));

async function install(group, packages, prefix) {
    const services = packages.flatMap((name) => group.services[name] ?? []).join(',');
    const attempt = (update) => {
        const [program, ...args] = [...prefix, 'sh', '-c', INSTALL, 'install', update, services, ...packages];
        return run(program, args, { cwd: '/' });
    };
    await step(`Installing ${group.title}`, group.estimate, async () => {
        let result = await attempt(listsAreThere() ? 'no' : 'yes');
        if (result.code !== 0) result = await attempt('yes');
        if (result.code !== 0) {
            const end = result.output.trimEnd().split('\n').slice(-25).join('\n');
            throw new Problem(`apt could not install ${packages.join(' ')}:\n${end}`);
        }
    });
}

const isUbuntu = () =>
    existsSync('/etc/os-release') && /^ID(_LIKE)?=.*ubuntu/mu.test(readFileSync('/etc/os-release', 'utf8'));

/** Without apt there is nothing we can install: look for the programs, and say which are missing. */
function checkPrograms(groups) {
    const missing = groups.flatMap((group) =>
        group.browser && findBrowser(group.browser)
            ? []
            : Object.values(group.packages).filter((program) => program !== null && !which(program)),
    );
    if (!which('setpriv')) missing.push('setpriv (util-linux)');
    if (missing.length === 0) return;
    const names = groups.flatMap((group) => Object.keys(group.packages)).join(' ');
    throw new Problem(
        `This system has no apt, and these programs are missing: ${missing.join(', ')}.\n` +
            `Install them yourself (on Debian the packages are: ${names}),\n` +
            'or let the demo use servers that you have: see node scripts/setup.mjs --help',
    );
}

async function installSystemPackages(purpose) {
    const groups = GROUPS.filter(
        (group) => group.purposes.includes(purpose) && !(group.browser && findBrowser(group.browser)),
    );
    if (groups.length === 0) return;
    if (!which('apt-get') || !which('dpkg-query')) {
        checkPrograms(groups);
        return;
    }
    const ubuntu = isUbuntu();
    const fromApt = groups.filter((group) => !(ubuntu && group.browser));
    const missing = await missingPackages(fromApt.flatMap((group) => Object.keys(group.packages)));
    if (missing.length > 0) {
        const prefix = await rootPrefix();
        if (prefix === null) {
            throw new Problem(
                `These packages are missing, and this user may not install them:\n\n` +
                    `  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing.join(' ')}\n\n` +
                    'Run that line, then try again.',
            );
        }
        for (const group of fromApt) {
            const packages = Object.keys(group.packages).filter((name) => missing.includes(name));
            if (packages.length > 0) await install(group, packages, prefix);
        }
    }
    if (ubuntu) await installUbuntuBrowsers(groups.flatMap((group) => group.browser ?? []));
}

const PLAYWRIGHT = path.join(root, 'node_modules/playwright-core/cli.js');

/** Ubuntu has these browsers as snaps only, which cannot be driven: Playwright's own builds take their place. */
async function installUbuntuBrowsers(names) {
    for (const name of names) {
        const file = await playwrightBrowser(name);
        if (!existsSync(file)) {
            // Without the right to install packages nothing is asked: what is missing is said when the browser starts.
            const libraries = (await rootPrefix()) === null ? [] : ['--with-deps'];
            const args = [PLAYWRIGHT, 'install', ...libraries, name];
            await step(`Ubuntu has ${name} as a snap only: downloading Playwright's build`, 'about 60 s', () =>
                must(process.execPath, args),
            ).catch((error) => {
                throw new Problem(
                    `${error.message}\n\nInstall a ${name} that is not a snap and name it: ${BROWSERS[name].variable}=/path npm test`,
                );
            });
        }
    }
}

async function playwrightBrowser(name) {
    const playwright = await import('playwright-core');
    return playwright[name].executablePath();
}

/**
 * The browsers of the specs, as environment variables for the runners. Firefox's own build is driven by WebDriver BiDi,
 * Playwright's build by Playwright's protocol: FIREFOX_CHANNEL says which.
 */
export async function browserEnvironment() {
    const chromium = findBrowser('chromium');
    const firefox = findBrowser('firefox');
    return {
        CHROMIUM_BIN: chromium ?? (await playwrightBrowser('chromium')),
        FIREFOX_BIN: firefox ?? (await playwrightBrowser('firefox')),
        FIREFOX_CHANNEL: firefox ? 'moz-firefox' : '',
    };
}

/** What the build is made from. */
const SOURCES = ['src', 'scripts', 'webpack.config.js', 'package-lock.json'];

function* files(start) {
    if (!isDirectory(start)) {
        yield start;
        return;
    }
    for (const name of readdirSync(start).sort()) yield* files(path.join(start, name));
}

function sourcesHash() {
    const hash = createHash('sha256');
    const configs = readdirSync(root).filter((name) => /^tsconfig.*\.json$/u.test(name));
    for (const source of [...SOURCES, ...configs]) {
        for (const file of files(path.join(root, source))) {
            hash.update(`${path.relative(root, file)}\0`)
                .update(readFileSync(file))
                .update('\0');
        }
    }
    return hash.digest('hex');
}

/** Builds when a source has changed since the last build. */
export async function build() {
    const stamp = path.join(root, '.cache/build');
    const hash = sourcesHash();
    const bundles = ['dist/converse-sip.js', 'dist/converse-sip-headless.js', 'dist/stox.js', 'dist/types/index.d.ts'];
    const built = bundles.every((file) => existsSync(path.join(root, file)));
    if (built && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
    await step('Building', 'about 20 s', () => must('npm', ['run', '--silent', 'build']));
    mkdirSync(path.dirname(stamp), { recursive: true });
    writeFileSync(stamp, hash);
}

/** Whether the demo is told to use servers that exist. */
export const usesOwnServers = () => Boolean(process.env.XMPP_WEBSOCKET ?? process.env.SIP_SERVER);

/**
 * @param {'servers' | 'start' | 'test' | 'checks'} purpose `checks` needs npm packages only
 * @param {{ build?: boolean }} [options] whether to build; not for `servers`
 */
export async function setup(purpose, options = {}) {
    if (Number(process.versions.node.split('.')[0]) < 20) {
        throw new Problem(`Node 20 or newer is needed; this is ${process.version}.`);
    }
    await installNpmPackages();
    if (purpose !== 'start' || !usesOwnServers()) await installSystemPackages(purpose);
    if (options.build ?? purpose !== 'servers') await build();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [purpose = 'test'] = process.argv.slice(2);
    if (['servers', 'start', 'test'].includes(purpose)) await main(() => setup(purpose));
    else say(HELP);
}
