import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));

/** What sip.js would bring along for the web and the agent has of its own, see src/sip-sidecar/agent/no-web-platform.ts. */
const sipWeb = path.join(root, 'node_modules/sip.js/lib/platform/web');
const noWebPlatform = path.join(root, 'src/sip-sidecar/agent/no-web-platform.ts');

/** What the bundles and the specs have in common. */
const common = {
    context: root,
    target: ['web', 'es2022'],
    devtool: 'source-map',
    resolve: {
        extensions: ['.ts', '.js'],
        extensionAlias: { '.js': ['.ts', '.js'] },
        alias: {
            [`${sipWeb}/transport/transport.js`]: noWebPlatform,
            [`${sipWeb}/session-description-handler/session-description-handler-factory-default.js`]: noWebPlatform,
        },
    },
    module: {
        rules: [
            {
                test: /\.ts$/,
                loader: 'ts-loader',
                options: { transpileOnly: true, compilerOptions: { noEmit: false } },
            },
            { test: /\.svg$/, type: 'javascript/auto', loader: path.join(root, 'scripts/icon-loader.cjs') },
            { test: /\.css$/, type: 'javascript/auto', loader: path.join(root, 'scripts/css-loader.cjs') },
        ],
    },
    experiments: { outputModule: true },
    performance: { hints: false },
};

/** The two bundles that are shipped. Chunks load relative to the script's own URL. */
const bundles = {
    ...common,
    name: 'bundles',
    mode: 'production',
    entry: { 'converse-sip': './src/index.ts', 'converse-sip-headless': './src/headless.ts' },
    output: {
        path: path.join(root, 'dist'),
        filename: '[name].js',
        chunkFilename: 'chunks/[name].js',
        module: true,
        library: { type: 'module' },
        chunkFormat: 'module',
        chunkLoading: 'import',
        clean: true,
    },
};

/** The unit specs as one module for Karma. */
const specs = {
    ...common,
    name: 'specs',
    mode: 'development',
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

export default (env = {}) => (env.specs ? specs : bundles);
