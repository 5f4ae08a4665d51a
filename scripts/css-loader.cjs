/* A style sheet as text, minified, for `CSSStyleSheet.replaceSync`. */
const { transform } = require('esbuild');

module.exports = function cssLoader(source) {
    const done = this.async();
    transform(source, { loader: 'css', minify: this.mode === 'production', target: 'es2022' }).then(
        ({ code }) => done(null, `export default ${JSON.stringify(code)};`),
        done,
    );
};
