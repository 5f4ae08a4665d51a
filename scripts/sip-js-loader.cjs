/*
 * sip.js explains some 200 programming errors in English. Nobody reads them: they end in the agent's own reasons. The errors
 * stay, with their classes; the texts go (3 kB, gzip). Line numbers stay as they are.
 *
 * Its tags, branches and Call-IDs come from Math.random, branches out of ten million: they can be guessed, and they collide.
 * Here they come from the browser's cryptographic source (RFC 3261 section 19.3).
 */
module.exports = function sipJsLoader(source) {
    return source
        .replace(/Math\.floor\(Math\.random\(\) \* 10000000\)/g, 'crypto.randomUUID()')
        .replace(/Math\.random\(\)/g, '(crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32)')
        .replace(/new (\w*Error)\((?:"[^"\n]*"(?: \+ [\w.]+)?|`[^`\n]*`)\)/g, 'new $1()');
};
