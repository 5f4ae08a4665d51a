/**
 * Webpack writes `(0,chunk.name)(…)` for a call of what another chunk exports, lest it be called as a method. No function of
 * ours that is exported looks at `this`: `chunk.name(…)` does the same, and is shorter at some hundred places.
 */
const CALL = /\(0,\s*([\w$]+(?:\/\*.*?\*\/)?\.[\w$]+)\)(?=\()/gu;

/** A plugin for webpack, to be run before the minifier. */
export class PlainCalls {
    apply(compiler) {
        const { Compilation, sources } = compiler.webpack;
        compiler.hooks.compilation.tap('PlainCalls', (compilation) => {
            const stage = Compilation.PROCESS_ASSETS_STAGE_OPTIMIZE_SIZE - 1;
            compilation.hooks.processAssets.tap({ name: 'PlainCalls', stage }, (assets) => {
                for (const name of Object.keys(assets).filter((each) => each.endsWith('.js'))) {
                    compilation.updateAsset(name, (source) => {
                        const replaced = new sources.ReplaceSource(source);
                        for (const { index, 0: call, 1: plain } of source.source().matchAll(CALL))
                            replaced.replace(index, index + call.length - 1, plain);
                        return replaced;
                    });
                }
            });
        });
    }
}
