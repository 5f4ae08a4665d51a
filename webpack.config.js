import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { letForConst } from './scripts/let.mjs';
import { ownNames } from './scripts/own-names.mjs';
import { PlainCalls } from './scripts/plain-calls.mjs';
import { privateNames } from './scripts/private-names.mjs';
import { propertyNames } from './scripts/property-names.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));

/** What becomes of each kind of file. @param transformers of TypeScript */
const rules = (transformers) => [
    // For their imports only: specs compare ours with theirs.
    {
        test: /sip\.js\/lib\/core\/messages\/incoming-(?:request|response)-message\.js$/u,
        resolve: {
            alias: {
                './incoming-message.js': path.join(root, 'src/sip-sidecar/agent/sip-js/incoming-message.ts'),
            },
        },
    },
    {
        test: /\.ts$/,
        loader: 'ts-loader',
        options: {
            transpileOnly: true,
            compilerOptions: { noEmit: false },
            getCustomTransformers: () => ({ before: transformers }),
        },
    },
    { test: /components.*\.ts$/, enforce: 'pre', loader: path.join(root, 'scripts/template-loader.cjs') },
    {
        test: /\.css$/,
        type: 'javascript/auto',
        // Where it is stays as it is written: for browsers, and for the bundlers of sites.
        parser: { url: false, importMeta: false },
        loader: path.join(root, 'scripts/css-loader.cjs'),
    },
];

/** What the bundles and the specs have in common. */
const common = {
    context: root,
    target: ['web', 'es2022'],
    devtool: 'source-map',
    resolve: {
        extensions: ['.ts', '.js'],
        extensionAlias: { '.js': ['.ts', '.js'] },
    },
    experiments: { outputModule: true },
    performance: { hints: false },
};

const sources = readdirSync(path.join(root, 'src'), { recursive: true })
    .filter((file) => /(?<!\.d)\.ts$/u.test(file))
    .map((file) => path.join(root, 'src', file));

/** What is shipped. Chunks load relative to the script's own URL. */
const shipped = {
    ...common,
    mode: 'production',
    plugins: [new PlainCalls()],
    output: {
        path: path.join(root, 'dist'),
        filename: '[name].js',
        // What only the headless bundle loads stands beside it.
        chunkFilename: ({ chunk }) => (/headless/u.test(chunk.name) ? '[name].js' : 'chunks/[name].js'),
        module: true,
        library: { type: 'module' },
        chunkFormat: 'module',
        chunkLoading: 'import',
    },
    optimization: {
        // One chunk for every import(): a few larger files compress better than many that share a little.
        splitChunks: false,
        // The shortest names for what chunks share, and less room between them than webpack's lasting ones need.
        moduleIds: 'size',
        chunkIds: 'total-size',
        mangleExports: 'size',
        minimizeOptions: {
            javascript: {
                module: true,
                ecma: 2022,
                compress: {
                    passes: 2,
                    // Longer, but gzip finds more that is alike.
                    sequences: false,
                    // Nobody here gives String() a symbol, or changes what is built in.
                    unsafe: true,
                    unsafe_arrows: true,
                    // To read a property does nothing else here.
                    pure_getters: true,
                    // A function that is called once stays where it was written: longer, and more alike.
                    inline: 1,
                    // As it is written.
                    lhs_constants: false,
                },
            },
        },
    },
};

/** The two bundles of the plugin. */
const bundles = () => ({
    ...shipped,
    module: { rules: rules([privateNames(sources), propertyNames(ownNames(root).short), letForConst]) },
    name: 'bundles',
    entry: { 'converse-sip': './src/index.ts', 'converse-sip-headless': './src/headless.ts' },
    output: { ...shipped.output, clean: { keep: /^stox\.js/ } },
});

/** The mappings between SIP and XMPP as a library of their own: built together with them, it would make the bundles larger. */
const stox = {
    ...shipped,
    module: { rules: rules([privateNames(sources), letForConst]) },
    name: 'stox',
    entry: { stox: './src/plugin/stox/index.ts' },
};

/** The unit specs as one module for Karma. */
const specs = {
    ...common,
    name: 'specs',
    mode: 'development',
    module: { rules: rules([]) },
    devtool: 'inline-source-map',
    entry: { specs: './spec/unit.ts' },
    output: {
        path: path.join(root, '.cache/specs'),
        filename: '[name].js',
        chunkFilename: 'chunks/[name].js',
        module: true,
        chunkFormat: 'module',
        chunkLoading: 'import',
        clean: true,
    },
};

export default (env = {}) => (env.specs ? specs : env.stox ? stox : bundles());
