/**
 * Compares the documents with the code: every console message and every setting is explained in docs/administrators.md
 * as the code has it, and nothing else is; every relative link and every file named in a document exists; the README
 * shows the page of the demo.
 *
 * Usage: `node scripts/check-docs.mjs`. Prints what is wrong, one line each, and exits with 1.
 */
import { build } from 'esbuild';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ADMINISTRATORS = 'docs/administrators.md';
const SKIPPED = new Set(['node_modules', 'dist', 'screenshots', 'coverage']);
/** Files of the project that a document may name in back quotes; what a build or a run makes is not among them. */
const PROJECT_FILE = /^(?:src|spec|scripts|servers|demo|docs|\.ci)\/[\w./-]*$/u;

const wrong = [];
let checked = 0;
function check(holds, complaint) {
    checked += 1;
    if (!holds) wrong.push(complaint);
}

/** The exports of a TypeScript module, with what it imports. */
async function load(file) {
    const { outputFiles } = await build({
        entryPoints: [path.join(root, file)],
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'neutral',
        logLevel: 'silent',
    });
    return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** Every Markdown file of the project, relative to its root. */
function documents(folder = '') {
    return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
        const name = path.posix.join(folder, entry.name);
        if (entry.isDirectory()) return SKIPPED.has(entry.name) || entry.name.startsWith('.') ? [] : documents(name);
        return entry.name.endsWith('.md') ? [name] : [];
    });
}

const read = (file) => readFileSync(path.join(root, file), 'utf8');

/** A document without the lines inside fenced blocks, so that line numbers stay. */
function prose(text) {
    let fence = null;
    return text.split('\n').map((line) => {
        const mark = /^\s*(`{3,}|~{3,})/u.exec(line)?.[1];
        if (mark !== undefined && (fence === null || mark.startsWith(fence))) {
            fence = fence === null ? mark : null;
            return '';
        }
        return fence === null ? line : '';
    });
}

/** The anchors of a document, as GitHub makes them from its headings. */
function anchors(lines) {
    const seen = new Map();
    return new Set(
        lines.flatMap((line) => {
            const heading = /^#{1,6}\s+(.*?)\s*#*$/u.exec(line)?.[1];
            const named = [...line.matchAll(/<a\s+(?:id|name)="([^"]+)"/gu)].map((match) => match[1]);
            if (heading === undefined) return named;
            const slug = heading
                .replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1')
                .toLowerCase()
                .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
                .replaceAll(' ', '-');
            const count = seen.get(slug) ?? 0;
            seen.set(slug, count + 1);
            return [...named, count === 0 ? slug : `${slug}-${count}`];
        }),
    );
}

function checkLinks(files) {
    const texts = new Map(files.map((file) => [file, prose(read(file))]));
    const anchorsOf = new Map([...texts].map(([file, lines]) => [file, anchors(lines)]));
    for (const [file, lines] of texts) {
        lines.forEach((line, index) => {
            const place = `${file}:${index + 1}`;
            for (const [, code] of line.matchAll(/`([^`]+)`/gu)) {
                if (PROJECT_FILE.test(code)) check(existsSync(path.join(root, code)), `${place}: no file ${code}`);
            }
            const plain = line.replaceAll(/`[^`]*`/gu, '');
            const targets = [
                ...plain.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/gu),
                ...plain.matchAll(/^\s*\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gu),
                ...plain.matchAll(/\b(?:src|href)="([^"]+)"/gu),
            ].map((match) => match[1]);
            for (const target of targets) {
                if (/^[a-z][a-z0-9+.-]*:/iu.test(target)) continue;
                const [name, anchor] = target.split('#').map(decodeURIComponent);
                const to = name === '' ? file : path.posix.join(path.posix.dirname(file), name);
                const exists = existsSync(path.join(root, to));
                check(exists, `${place}: the link ${target} leads nowhere`);
                if (!exists || anchor === undefined || statSync(path.join(root, to)).isDirectory()) continue;
                check(anchorsOf.get(to)?.has(anchor) ?? false, `${place}: no heading #${anchor} in ${to}`);
            }
        });
    }
}

/** The sections of a document whose headings match, as heading and text. */
function sections(text, pattern) {
    const found = new Map();
    for (const part of text.split(/^(?=#{1,4} )/mu)) {
        const [heading = '', ...rest] = part.split('\n');
        const name = pattern.exec(heading)?.[1];
        if (name === undefined) continue;
        check(!found.has(name), `${ADMINISTRATORS}: ${name} is explained twice`);
        found.set(name, rest.join('\n'));
    }
    return found;
}

/** Both lists name the same things. */
function compare(kind, inCode, inDocument) {
    for (const name of inCode) check(inDocument.has(name), `${ADMINISTRATORS}: ${kind} ${name} is not explained`);
    for (const name of inDocument.keys()) {
        check(inCode.includes(name), `${ADMINISTRATORS}: ${kind} ${name} does not exist in the code`);
    }
}

async function checkNotices(text) {
    const { NOTICES } = await load('src/sip-sidecar/contract/notices.ts');
    const explained = sections(text, /^### (SIP-\d+)$/u);
    compare('message', Object.keys(NOTICES), explained);
    for (const [code, body] of explained) {
        const notice = NOTICES[code];
        if (notice === undefined) continue;
        const line = notice.join(': ');
        check(body.includes(`\`${line}`), `${ADMINISTRATORS}: ${code} does not quote \`${line}\``);
        for (const word of ['**Cause.**', '**Cure.**']) {
            check(body.includes(word), `${ADMINISTRATORS}: ${code} has no ${word}`);
        }
    }
}

/** A default as a site would write it. */
function literal(value) {
    if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
    return typeof value === 'string' ? `'${value}'` : String(value);
}

async function checkSettings(text) {
    const { readSettings } = await load('src/plugin/settings.ts');
    const defaults = {};
    readSettings((name, usual) => (defaults[name] = usual));
    const explained = sections(text, /^### `(sip_\w+)`$/u);
    compare('setting', Object.keys(defaults), explained);
    for (const [name, body] of explained) {
        if (!(name in defaults)) continue;
        const line = `Default: \`${literal(defaults[name])}\``;
        check(body.includes(`\n${line}\n`), `${ADMINISTRATORS}: ${name} has no line ${line}`);
        const example = /```js\n(.*?)```/su.exec(body)?.[1];
        check(example !== undefined, `${ADMINISTRATORS}: ${name} has no example`);
        if (example === undefined) continue;
        for (const each of example.split(new RegExp(`^(?=${name}:)`, 'mu'))) {
            const given = new Function(`return {${each}};`)();
            const { problems } = readSettings((key, usual) => (key in given ? given[key] : usual), Object.keys(given));
            for (const problem of problems) check(false, `${ADMINISTRATORS}: in the example of ${name}, ${problem}`);
            check(name in given, `${ADMINISTRATORS}: the example of ${name} does not set it`);
        }
    }
}

/** The answer of a credentials endpoint is one that the plugin takes. */
async function checkCredentials(text) {
    const { readCredentials } = await load('src/plugin/credentials.ts');
    const answer = /```json\n(.*?)```/su.exec(text)?.[1] ?? 'null';
    try {
        const { account } = readCredentials(JSON.parse(answer), 'alice@example.org', 'sip.example.org');
        check(account.ha1?.length === 1, `${ADMINISTRATORS}: the HA1 value in the example of credentials is wrong`);
    } catch ({ message }) {
        check(false, `${ADMINISTRATORS}: the example of credentials cannot be used: ${message}`);
    }
}

/** The README shows the page of the demo, not one like it. */
function checkDemo() {
    const demo = new Set(
        read('demo/client.html')
            .split('\n')
            .map((line) => line.trim()),
    );
    const shown = /```html\n(.*?)```/su.exec(read('README.md'))?.[1] ?? '';
    check(shown !== '', 'README.md: no HTML of the demo');
    for (const line of shown.split('\n').map((each) => each.trim())) {
        check(demo.has(line), `README.md: not in demo/client.html: ${line}`);
    }
}

// Settings are read as in the page of the examples.
globalThis.location = new URL('https://chat.example.org/');
const administrators = read(ADMINISTRATORS);
checkLinks(documents());
await checkNotices(administrators);
await checkSettings(administrators);
await checkCredentials(administrators);
checkDemo();

for (const complaint of wrong) console.error(complaint);
console.log(`documents: ${checked - wrong.length} statements hold, ${wrong.length} do not`);
process.exitCode = wrong.length === 0 ? 0 : 1;
