/**
 * What the bundles hold of others, by their source maps, and under which licence. Run by itself, at the end of the build, it
 * writes `dist/THIRD-PARTY.txt`: most licences want their text to go along.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, Problem, root } from './lib.mjs';

const dist = path.join(root, 'dist');

/** The file that goes along. */
export const NOTICES = path.join(dist, 'THIRD-PARTY.txt');

/** Licences by which anybody may use, change and pass on. */
const FREE = new Set(
    'MIT ISC 0BSD BSD-2-Clause BSD-3-Clause Apache-2.0 MPL-2.0 CC0-1.0 CC-BY-4.0 OFL-1.1 Unlicense BlueOak-1.0.0'.split(
        ' ',
    ),
);

/** @returns {{ name: string, version: string, license: string, text: string }[]} */
export function bundled() {
    const maps = existsSync(dist)
        ? readdirSync(dist, { recursive: true }).filter((file) => /\.(?:js|css)\.map$/u.test(file))
        : [];
    if (maps.length === 0) throw new Problem('There is no build: npm run build');
    const names = new Set();
    for (const file of maps) {
        for (const source of JSON.parse(readFileSync(path.join(dist, file), 'utf8')).sources) {
            // The innermost: a package within a package
            const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(source)?.[1];
            if (name) names.add(name);
        }
    }
    return [...names].sort().map((name) => {
        const folder = path.join(root, 'node_modules', name);
        const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
        const file = readdirSync(folder).find((each) => /^(?:licen[cs]e|copying)(?:\.|$)/iu.test(each));
        return {
            name,
            version,
            license: String(license),
            text: file ? readFileSync(path.join(folder, file), 'utf8') : '',
        };
    });
}

/** Whether all of a licence's parts are free: `(CC-BY-4.0 AND MIT)`. */
export function isFree(license) {
    const parts = license.replace(/[()]/gu, '').split(/ AND | OR /u);
    return parts.every((part) => FREE.has(part.trim()));
}

/** What stands in {@link NOTICES}. */
export function notices() {
    const parts = bundled().map(
        ({ name, version, license, text }) => `${name} ${version}\nLicence: ${license}\n\n${text.trim()}\n`,
    );
    return ['The files in this folder hold parts of the following.\n', ...parts].join(`\n${'-'.repeat(72)}\n\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
    await main(() => writeFileSync(NOTICES, notices()));
}
