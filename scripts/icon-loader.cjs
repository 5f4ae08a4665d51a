/* Turns an icon of Font Awesome Free into `{ viewBox, path }`: no mark-up reaches the page as text (Trusted Types). */
module.exports = function iconLoader(source) {
    const viewBox = /viewBox="([^"]+)"/.exec(source)?.[1];
    const path = [...source.matchAll(/<path[^>]*\bd="([^"]+)"/g)].map((match) => match[1]).join('');
    if (!viewBox || !path) throw new Error(`${this.resourcePath}: not an icon of one or more paths`);
    return `export default ${JSON.stringify({ viewBox, path })};`;
};
