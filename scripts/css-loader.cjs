/*
 * A style sheet, with those it imports, as a URL. In the bundles it is a file beside the chunk, minified, and the URL is written
 * so that the bundlers of sites find and copy it; in the specs the URL holds the style sheet.
 */
const path = require('node:path');
const { build } = require('esbuild');

module.exports = function cssLoader() {
    const done = this.async();
    const shipped = this.mode === 'production';
    const name = path.basename(this.resourcePath);
    build({
        entryPoints: [this.resourcePath],
        bundle: true,
        minify: shipped,
        write: false,
        metafile: true,
        target: 'es2022',
    }).then(({ outputFiles: [{ text }], metafile }) => {
        for (const file of Object.keys(metafile.inputs)) this.addDependency(path.resolve(file));
        if (shipped) this.emitFile(`chunks/${name}`, text);
        const url = shipped
            ? `new URL('./${name}', import.meta.url).href`
            : JSON.stringify(`data:text/css;charset=utf-8,${encodeURIComponent(text)}`);
        done(null, `export default ${url};`);
    }, done);
};
