/**
 * Whether the bundles keep to their budget: what a page loads before an account exists, and all of it. Prints the table;
 * exits with 1 when one is over. Sizes are those of gzip -9, in bytes; 1 kB is 1,000 bytes. The style sheet has no budget.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from './lib.mjs';

const dist = path.join(root, 'dist');

/** What is loaded at once, by entry; and all scripts of the full bundle without the catalogues of languages. */
const BUDGETS = [
    { what: 'converse-sip.js before an account exists', limit: 10_500, files: atOnce('converse-sip.js') },
    {
        what: 'converse-sip-headless.js before an account exists',
        limit: 9_500,
        files: atOnce('converse-sip-headless.js'),
    },
    { what: 'all JavaScript of converse-sip.js, without languages', limit: 85_000, files: all('converse-sip.js') },
    { what: 'the library stox.js, which the plugin never loads', limit: 6_500, files: atOnce('stox.js') },
];

/** A module and what it imports statically, at any depth. */
function atOnce(entry, found = new Set()) {
    if (found.has(entry) || !existsSync(path.join(dist, entry))) return [...found];
    found.add(entry);
    const code = readFileSync(path.join(dist, entry), 'utf8');
    for (const [, imported] of code.matchAll(
        /(?:^|[\s;}])(?:im|ex)port\s*(?:[^"'();]*?from\s*)?["'](\.[^"']+)["']/gu,
    )) {
        atOnce(path.posix.join(path.posix.dirname(entry), imported), found);
    }
    return [...found];
}

function all(entry) {
    const chunks = path.join(dist, 'chunks');
    const names = existsSync(chunks) ? readdirSync(chunks) : [];
    return [entry, ...names.filter((name) => /^(?!i18n-).*\.js$/u.test(name)).map((name) => `chunks/${name}`)];
}

const size = (file) => gzipSync(readFileSync(path.join(dist, file)), { level: 9 }).length;
const column = (bytes) => bytes.toLocaleString('en').padStart(9);

let over = false;
for (const { what, limit, files } of BUDGETS) {
    if (files.some((file) => !existsSync(path.join(dist, file))) || files.length === 0) {
        console.log(`${what}: not built`);
        over = true;
        continue;
    }
    const sizes = files.map((file) => [file, size(file)]).sort((a, b) => b[1] - a[1]);
    const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
    over ||= total > limit;
    console.log(
        `${what}: ${total.toLocaleString('en')} of ${limit.toLocaleString('en')} bytes${total > limit ? ' - TOO MUCH' : ''}`,
    );
    for (const [file, bytes] of sizes) console.log(`${column(bytes)}  ${file}`);
}
const STYLE = 'chunks/sip-ui.css';
if (existsSync(path.join(dist, STYLE)))
    console.log(`for information, no JavaScript:\n${column(size(STYLE))}  ${STYLE}`);
process.exit(over ? 1 : 0);
