/* Takes the indentation out of lit's templates: it is no text, and every page would load it. */
module.exports = function templateLoader(source) {
    return this.mode === 'production' ? source.replace(/\n\s+/g, '\n') : source;
};
