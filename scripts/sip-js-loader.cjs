/*
 * sip.js explains some 200 programming errors in English. Nobody reads them: they end in the agent's own reasons. The errors
 * stay, with their classes; the texts go (3 kB, gzip). Line numbers stay as they are.
 */
module.exports = function sipJsLoader(source) {
    return source.replace(/new (\w*Error)\((?:"[^"\n]*"(?: \+ [\w.]+)?|`[^`\n]*`)\)/g, 'new $1()');
};
