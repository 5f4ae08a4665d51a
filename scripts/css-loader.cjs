/*
 * A style sheet, with those it imports, as a URL. In the bundles it is a file beside the chunk, minified, and the URL is written
 * so that the bundlers of sites find and copy it; in the specs the URL holds the style sheet. `icon('NAME')` in it is the path
 * of an icon.
 */
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { build } = require('esbuild');
const iconPath = require('./icon-path.cjs');

const ICONS = path.dirname(require.resolve('@fortawesome/fontawesome-free/svgs/solid/phone.svg'));

module.exports = function cssLoader() {
    const done = this.async();
    const shipped = this.mode === 'production';
    const name = path.basename(this.resourcePath);
    const inputs = [];
    const input = (file) => {
        inputs.push(path.relative(this.rootContext, file));
        this.addDependency(file);
        return file;
    };
    const icons = {
        name: 'icons',
        setup: ({ onLoad }) =>
            onLoad({ filter: /\.css$/ }, (file) => ({
                contents: readFileSync(input(file.path), 'utf8').replace(/\bicon\('([\w-]+)'\)/g, (_, icon) =>
                    iconPath(input(path.join(ICONS, `${icon}.svg`))),
                ),
                loader: 'css',
            })),
    };
    build({
        entryPoints: [this.resourcePath],
        bundle: true,
        minify: shipped,
        write: false,
        target: 'es2022',
        plugins: [icons],
    }).then(({ outputFiles: [{ text }] }) => {
        if (shipped) {
            this.emitFile(`chunks/${name}`, text);
            // Whose parts it holds, as in the source maps of the scripts.
            this.emitFile(`chunks/${name}.map`, JSON.stringify({ version: 3, sources: inputs, mappings: '' }));
        }
        const url = shipped
            ? `new URL('./${name}', import.meta.url).href`
            : JSON.stringify(`data:text/css;charset=utf-8,${encodeURIComponent(text)}`);
        done(null, `export default ${url};`);
    }, done);
};
