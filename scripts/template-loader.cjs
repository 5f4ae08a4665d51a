/*
 * Takes out of lit's templates what only their readers need, for every page would load it: the line ends and indentation
 * around tags and values, and the quotes of attributes that are one word. A line end elsewhere may be text, or end a comment.
 */
module.exports = function templateLoader(source) {
    if (this.mode !== 'production') return source;
    return source
        .replace(/(?<=[>}])\n\s+(?=[<$])|\n\s+(?=>)/g, '')
        .replace(/\n\s+(?=[\w@.-]+=["$])/g, ' ')
        .replace(/(?<= [a-z-]+=)"([\w-]+)"(?=[\s>])/g, '$1')
        .replace(/\n\s+/g, '\n');
};
