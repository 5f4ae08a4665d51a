/**
 * The web server of the demo, on loopback: `localhost` is the page with everybody, `alice.localhost` is Alice's site.
 * It stands for a site where the session is already known: here, the host name says who is signed in.
 *
 * Chromium denies storage and locks to a frame of another site, and takes `localhost` and `alice.localhost` for two sites.
 * So the page with everybody moves to `localhost.localhost`, and its frames are `alice.localhost.localhost`: one site,
 * and still an origin for each person. Browsers resolve all these names to this machine by themselves.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoSite, Person } from './site.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);

/** Folders that are served whole. */
const FOLDERS: readonly (readonly [prefix: string, folder: string])[] = [
    ['/dist/', path.join(root, 'dist')],
    ['/converse/', path.join(root, 'node_modules/converse.js/dist')],
];

/** Files of the demo itself. */
const FILES = new Set(['/index.css', '/index.js', '/client.css']);

const TYPES: Readonly<Record<string, string>> = {
    '.css': 'text/css; charset=utf-8',
    '.html': 'text/html; charset=utf-8',
    '.ico': 'image/x-icon',
    '.js': 'text/javascript; charset=utf-8',
    '.json': 'application/json; charset=utf-8',
    '.map': 'application/json; charset=utf-8',
    '.mp3': 'audio/mpeg',
    '.ogg': 'audio/ogg',
    '.png': 'image/png',
    '.svg': 'image/svg+xml',
    '.ttf': 'font/ttf',
    '.wasm': 'application/wasm',
    '.webp': 'image/webp',
    '.woff': 'font/woff',
    '.woff2': 'font/woff2',
};

/** An answer: status, type, body. */
interface Answer {
    readonly status: number;
    readonly type: string;
    readonly body: string | Buffer;
}

const plain = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });
const json = (value: unknown): Answer => ({
    status: 200,
    type: 'application/json; charset=utf-8',
    body: JSON.stringify(value),
});

const NOT_FOUND = plain(404, 'Not found\n');

/** A file as an answer; 404 where there is none, or where it is a folder. */
async function file(location: string): Promise<Answer> {
    try {
        if (!(await stat(location)).isFile()) return NOT_FOUND;
        const type = TYPES[path.extname(location)] ?? 'application/octet-stream';
        return { status: 200, type, body: await readFile(location) };
    } catch {
        return NOT_FOUND;
    }
}

/** A file below a folder, never beside it. */
async function fileBelow(folder: string, relative: string): Promise<Answer> {
    const location = path.resolve(folder, relative);
    return location.startsWith(folder + path.sep) && !location.includes('\0') ? file(location) : NOT_FOUND;
}

/** JSON that can stand in a script element, whatever it holds. */
const jsonForScript = (value: unknown): string =>
    JSON.stringify(value).replace(
        /[<>&\u2028\u2029]/gu,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

/** The settings in the query string: an object, or null for anything else. */
function settingsOf(url: URL): Readonly<Record<string, unknown>> | null {
    const text = url.searchParams.get('settings');
    if (text === null) return {};
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value)
            ? (value as Readonly<Record<string, unknown>>)
            : null;
    } catch {
        return null;
    }
}

/**
 * Whether a link on somebody else's page led here. Such a page must not choose the settings, or it could send the
 * password to a server of its own.
 */
const comesFromElsewhere = (request: IncomingMessage): boolean => request.headers['sec-fetch-site'] === 'cross-site';

/** The person's page: client.html with this person's values in its one place. */
async function clientPage(
    site: DemoSite,
    person: Person,
    settings: Readonly<Record<string, unknown>>,
): Promise<Answer> {
    const values = {
        jid: person.jid,
        websocket_url: site.xmpp.websocket,
        muc_domain: `conference.${site.xmpp.domain}`,
        sip_server: site.sip.websocket,
        sip_domain: site.sip.domain,
        // Alice's chat is with Bob, everybody else's with Alice.
        chats: site.people
            .filter((other) => other !== person)
            .slice(0, 1)
            .map(({ jid }) => jid),
        // As a part of a page, Converse is one conversation without a list of contacts.
        settings: { view_mode: 'fullscreen', singleton: settings['view_mode'] === 'embedded', ...settings },
    };
    const page = await readFile(path.join(here, 'client.html'), 'utf8');
    const body = page.replace(
        /(<script type="application\/json" id="site">)\s*\{\}\s*(<\/script>)/u,
        (_, open: string, close: string) => open + jsonForScript(values) + close,
    );
    return { status: 200, type: 'text/html; charset=utf-8', body };
}

/** What is the same on every host. */
async function shared(pathname: string): Promise<Answer> {
    if (FILES.has(pathname)) return file(path.join(here, pathname));
    const folder = FOLDERS.find(([prefix]) => pathname.startsWith(prefix));
    return folder ? fileBelow(folder[1], pathname.slice(folder[0].length)) : NOT_FOUND;
}

async function answerOf(request: IncomingMessage, site: DemoSite): Promise<Answer> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET\n');
    let url: URL;
    let pathname: string;
    try {
        // the host only decides who is meant; see below
        url = new URL(request.url ?? '/', `http://${request.headers.host ?? ''}`);
        pathname = decodeURIComponent(url.pathname);
    } catch {
        return plain(400, 'Bad request\n');
    }
    const { hostname } = url;
    if (['localhost', 'localhost.localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
        if (pathname === '/') return file(path.join(here, 'index.html'));
        if (pathname === '/people') return json(site.people.map(({ name }) => name));
        return shared(pathname);
    }
    // Any other name that leads here is none of ours: a page of a stranger may point a name of its own at this machine.
    const person = site.people.find(({ name }) =>
        [`${name}.localhost`, `${name}.localhost.localhost`].includes(hostname),
    );
    if (!person) return plain(421, 'Nobody here has this name\n');
    const { displayName, jid, password, sip } = person;
    switch (pathname) {
        case '/': {
            const settings = settingsOf(url);
            if (settings === null) return plain(400, 'settings= is not an object as JSON\n');
            if (url.search && comesFromElsewhere(request)) return plain(403, 'Settings from another site\n');
            return clientPage(site, person, settings);
        }
        case '/chat/credentials':
            return json({ jid, password });
        case '/sip/credentials':
            return json({ uri: sip, username: person.name, password, display_name: displayName });
        default:
            return shared(pathname);
    }
}

async function respond(request: IncomingMessage, response: ServerResponse, site: DemoSite): Promise<void> {
    const { status, type, body } = await answerOf(request, site);
    response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
}

const listen = (server: Server, port: number, host: string): Promise<number> =>
    new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, ipv6Only: true }, () => {
            server.off('error', reject);
            resolve((server.address() as AddressInfo).port);
        });
    });

const close = (server: Server): Promise<void> =>
    new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
    });

/** A demo that runs. */
export interface Demo {
    readonly port: number;
    /** The page with everybody. */
    readonly url: string;
    /** A person's page. `settings`: any setting of Converse, put over those of the page. */
    urlOf(name: string, settings?: Readonly<Record<string, unknown>>): string;
    close(): Promise<void>;
}

/**
 * Starts the web server on 127.0.0.1 and, where the system has it, on ::1.
 * @param port 0: a free one
 * @throws Error when the port is in use
 */
export async function startDemo(site: DemoSite, port = 0): Promise<Demo> {
    const newServer = () =>
        createServer((request, response) => {
            respond(request, response, site).catch(() => response.writeHead(500).end());
        });
    const ipv4 = newServer();
    const bound = await listen(ipv4, port, '127.0.0.1');
    // `localhost` may lead to ::1 first. Without IPv6, or when it is taken there, the browser turns to 127.0.0.1.
    const ipv6 = newServer();
    const hasIpv6 = await listen(ipv6, bound, '::1').then(
        () => true,
        () => false,
    );
    return {
        port: bound,
        url: `http://localhost:${String(bound)}/`,
        urlOf: (name, settings) => {
            const url = new URL(`http://${name}.localhost:${String(bound)}/`);
            if (settings) url.searchParams.set('settings', JSON.stringify(settings));
            return url.href;
        },
        close: async () => {
            await Promise.all([close(ipv4), hasIpv6 && close(ipv6)]);
        },
    };
}
