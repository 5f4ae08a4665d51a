/** What is loaded: the page of the bench, and how large we and our peers are. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const size = (code: string | Buffer): number => gzipSync(code, { level: 9 }).length;

async function bundle(stdin: string, format: 'iife' | 'esm'): Promise<string> {
    const { outputFiles } = await build({
        stdin: { contents: stdin, resolveDir: path.join(root, 'bench/page'), loader: 'ts' },
        bundle: true,
        minify: true,
        write: false,
        format,
        target: 'es2022',
        define: { 'process.env.NODE_ENV': '"production"' },
    });
    return outputFiles[0]?.text ?? '';
}

/** The script of the page with all subjects. */
export const pageScript = (): Promise<string> => bundle("import './index.js';", 'iife');

/** Gzipped JavaScript in bytes: all of ours with its user interface, and what others load for a telephone without any. */
export async function sizes(): Promise<Readonly<Record<'ours' | 'beforeLogin' | 'sipJs' | 'jsSip', number>>> {
    const dist = path.join(root, 'dist');
    const scripts = ['converse-sip.js', ...readdirSync(path.join(dist, 'chunks')).map((name) => `chunks/${name}`)];
    const ours = scripts.filter((name) => name.endsWith('.js') && !name.startsWith('chunks/i18n-'));
    const sum = (names: readonly string[]): number =>
        names.reduce((all, name) => all + size(readFileSync(path.join(dist, name))), 0);
    return {
        ours: sum(ours),
        beforeLogin: sum(['converse-sip.js']),
        sipJs: size(await bundle("export { SimpleUser } from 'sip.js/lib/platform/web/index.js';", 'esm')),
        jsSip: size(await bundle("export { default } from 'jssip';", 'esm')),
    };
}
