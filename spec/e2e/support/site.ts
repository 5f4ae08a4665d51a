/** Sites that embed Converse and the plugin, each in its own way. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Where the files of a URL path lie. */
const FOLDERS: readonly (readonly [prefix: string, folder: string])[] = [
    ['/plugin/', path.resolve(root, process.env['DIST'] ?? 'dist')],
    ['/converse/', path.join(root, 'node_modules/converse.js/dist')],
    ['/headless/', path.join(root, 'node_modules/@converse/headless/dist')],
];

const TYPES: Readonly<Record<string, string>> = {
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.json': 'application/json',
    '.map': 'application/json',
    '.svg': 'image/svg+xml',
    '.wasm': 'application/wasm',
    '.woff2': 'font/woff2',
};

/** JSON, with `{ code }` for what is a function in the site's own script. */
export type Setting = null | boolean | number | string | readonly Setting[] | { readonly [key: string]: Setting };

/** How a site embeds the plugin. */
export interface PageOptions {
    readonly settings: Readonly<Record<string, Setting>>;
    /** Settings that are JavaScript expressions, such as functions. */
    readonly expressions?: Readonly<Record<string, string>>;
    /** `none`: the same page without the plugin. */
    readonly plugin?: 'after' | 'before' | 'register' | 'none';
    /** Which build of Converse. */
    readonly converse?: 'converse.js' | 'converse.min.js' | 'headless';
    /** JavaScript that runs after Converse is there and before it starts. */
    readonly before?: string;
    /** More response headers of the page. */
    readonly headers?: Readonly<Record<string, string>>;
    /** Puts the page into an iframe of another origin, with this `allow`. */
    readonly frame?: { readonly allow: string };
}

/** An answer of the site to a request of a page: `fetch('/answer/NAME')`. */
export type Answer = (request: IncomingMessage) => { readonly status: number; readonly body: unknown };

/** A web server with pages. */
export interface Site {
    readonly port: number;
    /** Makes a page. @returns its path */
    page(options: PageOptions): string;
    /** Answers requests for `/answer/NAME`. */
    answers(name: string, answer: Answer): void;
    close(): Promise<void>;
}

const html = (body: string): string =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<title>Chat</title><link rel="icon" href="data:,">${body}</html>`;

/** A `converse-root` of the site's own where Converse is a part of the page. */
const EMBEDDED =
    `<main class="page"><h1>A site</h1><p>Text of the site.</p>` +
    `<div class="widget"><converse-root></converse-root></div></main>`;

const STYLE = `
html, body { margin: 0; height: 100%; }
.page { height: 100%; display: flex; flex-direction: column; font-family: sans-serif; }
.page h1, .page p { margin: 0.5rem 1rem; }
.widget { flex: 1; min-height: 0; width: 420px; }
.widget .conversejs { --overlayed-chat-width: 420px; }
iframe { border: 0; width: 100%; height: 100vh; display: block; }
`;

function pageHtml(base: string, options: PageOptions): string {
    const { plugin = 'after', converse = 'converse.js' } = options;
    const headless = converse === 'headless';
    const module = (url: string) => `<script type="module" src="${url}"></script>`;
    const core = headless ? module('/headless/converse-headless.js') : module(`/converse/${converse}`);
    const ours = module(headless ? '/plugin/converse-sip-headless.js' : '/plugin/converse-sip.js');
    const scripts =
        plugin === 'after' ? core + ours : plugin === 'before' ? ours + core : core; /* register, none: see below */
    const embedded = options.settings['view_mode'] === 'embedded';
    const style = headless ? '' : '<link rel="stylesheet" href="/converse/converse.min.css">';
    return html(
        `<link rel="stylesheet" href="${base}/style.css">${style}${scripts}${module(`${base}/start.js`)}</head>` +
            `<body>${embedded ? EMBEDDED : ''}</body>`,
    );
}

/** The site's own script. Specs look into Converse by a plugin of theirs, which only keeps the private object. */
function startScript(options: PageOptions): string {
    const { plugin = 'after', converse = 'converse.js', settings, expressions = {}, before = '' } = options;
    const register =
        plugin === 'register'
            ? `import { register } from '/plugin/${converse === 'headless' ? 'converse-sip-headless' : 'converse-sip'}.js';\nregister(window.converse);\n`
            : '';
    const functions = Object.entries(expressions).map(([name, code]) => `${JSON.stringify(name)}: ${code}`);
    return `${register}
window.converse.plugins.add('spec-window', {
    initialize() {
        window.inside = this._converse;
        window.atHome = this._converse.api.waitUntil('rosterContactsFetched').then(() => true);
    },
});
${before}
window.converse.initialize({ ...${JSON.stringify(settings)}, ${functions.join(', ')} });
`;
}

/** Starts a web server on a free port of loopback. */
export async function openSite(): Promise<Site> {
    const pages: PageOptions[] = [];
    const answers = new Map<string, Answer>();

    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const url = new URL(request.url ?? '/', 'http://site');
        const send = (type: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) => {
            response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', ...headers });
            response.end(body);
        };
        const [, kind = '', name = '', file = ''] = url.pathname.split('/');
        const page = kind === 'pages' ? pages[Number(name)] : undefined;
        const answer = kind === 'answer' ? answers.get(name) : undefined;
        if (answer) {
            const { status, body } = answer(request);
            response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
            response.end(JSON.stringify(body));
        } else if (page && file === 'frame') {
            // Another origin, but the same site: to a frame of another site Chromium denies storage.
            const inner = `http://chat.${request.headers.host ?? ''}/pages/${name}/`;
            const allow = page.frame?.allow ?? '';
            send(
                'text/html; charset=utf-8',
                html(
                    `<link rel="stylesheet" href="/pages/${name}/style.css"></head>` +
                        `<body><iframe title="Chat" src="${inner}"${allow && ` allow="${allow}"`}></iframe></body>`,
                ),
            );
        } else if (page && file === 'start.js') {
            send('text/javascript; charset=utf-8', startScript(page));
        } else if (page && file === 'style.css') {
            send('text/css; charset=utf-8', STYLE);
        } else if (page) {
            send('text/html; charset=utf-8', pageHtml(`/pages/${name}`, page), page.headers);
        } else {
            const folder = FOLDERS.find(([prefix]) => url.pathname.startsWith(prefix));
            if (!folder) throw new Error('not found');
            const relative = path.posix.normalize(url.pathname.slice(folder[0].length));
            const body = await readFile(path.join(folder[1], relative));
            response.writeHead(200, {
                'content-type': TYPES[path.extname(relative)] ?? 'application/octet-stream',
                'cache-control': 'max-age=3600',
                'access-control-allow-origin': '*',
            });
            response.end(body);
        }
    }

    const server = createServer((request, response) => {
        serve(request, response).catch(() => response.writeHead(404).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
        port: (server.address() as AddressInfo).port,
        page: (options) => `/pages/${String(pages.push(options) - 1)}/${options.frame ? 'frame' : ''}`,
        answers: (name, answer) => void answers.set(name, answer),
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}
