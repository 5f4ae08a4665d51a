import { register } from '../src/index.js';
import { register as registerHeadless } from '../src/headless.js';
import type { ConversePlugin } from '../src/plugin/converse.js';
import { registerPlugin, registerWhenThere } from '../src/plugin/index.js';

/** A Converse that does what the real one does with plugins. */
function makeConverse() {
    const plugins = new Map<string, ConversePlugin>();
    const initialized: unknown[] = [];
    return {
        names: plugins,
        initialized,
        env: { VERSION_NAME: 'v14.0.0', u: { shouldClearCache: () => true } },
        plugins: {
            add(name: string, plugin: ConversePlugin) {
                if (plugins.has(name)) throw new TypeError(`plugin with name "${name}" has already been registered!`);
                plugins.set(name, plugin);
            },
        },
        initialize(settings: unknown) {
            initialized.push(settings);
            return Promise.resolve('done');
        },
    };
}

const bundle = { view: null, load: () => Promise.reject(new Error('Nobody logs in')) };

const page = globalThis as { converse?: unknown };

/** Does something in a page with another `converse`. */
function inPageWith(converse: unknown, run: () => void): void {
    const { converse: real } = page;
    page.converse = converse;
    try {
        run();
    } finally {
        page.converse = real;
    }
}

const loaded = (converse: unknown): boolean =>
    dispatchEvent(new CustomEvent('converse-loaded', { detail: { converse } }));

describe('the plugin registers itself', () => {
    it('with the Converse of the page, when its script runs after it', () => {
        const converse = page.converse as ReturnType<typeof makeConverse>;
        expect(() => converse.plugins.add('converse-sip', { initialize: () => undefined })).toThrowError(TypeError);
    });

    it('when its script runs before it, and only once', () => {
        const converse = makeConverse();
        inPageWith(undefined, () => registerWhenThere(bundle));
        expect(converse.names.size).toBe(0);
        loaded(converse);
        loaded(converse);
        expect([...converse.names.keys()]).toEqual(['converse-sip']);
    });

    it('once, when both bundles are loaded, or one twice', () => {
        const converse = makeConverse();
        inPageWith(converse, () => {
            registerWhenThere(bundle);
            registerWhenThere(bundle);
        });
        register(converse);
        registerHeadless(converse);
        expect(converse.names.size).toBe(1);
    });

    it('not with something else that is called converse', () => {
        const converse = makeConverse();
        const element = document.createElement('div');
        inPageWith(element, () => registerWhenThere(bundle));
        loaded(null);
        expect(converse.names.size).toBe(0);
        inPageWith(undefined, () => registerWhenThere(bundle));
        loaded(converse);
        expect(converse.names.size).toBe(1);
    });

    it('and says so when a programmer hands in something else', () => {
        for (const wrong of [undefined, null, {}, document.body]) expect(() => register(wrong)).toThrowError(TypeError);
    });

    it('and lets Converse start as before, knowing the names of the settings', async () => {
        const error = spyOn(console, 'error');
        spyOn(console, 'info');
        const converse = makeConverse();
        registerPlugin(converse, bundle);
        const settings = { sip_sever: 'wss://hunter2.example' };
        expect(await converse.initialize(settings)).toBe('done');
        expect(converse.initialized).toEqual([settings]);
        const plugin = converse.names.get('converse-sip')!;
        const known: Record<string, unknown> = {};
        plugin._converse = {
            api: {
                settings: {
                    get: (name: string) => known[name],
                    extend: (defaults: object) => Object.assign(known, defaults),
                },
            },
        } as unknown as NonNullable<ConversePlugin['_converse']>;
        plugin.initialize();
        const line = String(error.calls.first().args[0]);
        expect(line).toMatch(/^converse-sip \[SIP-002\].*sip_sever is \(not shown\), allowed: no such setting/u);
        expect(line).not.toContain('hunter2');
    });

    it('and never breaks the start of Converse', () => {
        const error = spyOn(console, 'error');
        const converse = makeConverse();
        registerPlugin(converse, bundle);
        const plugin = converse.names.get('converse-sip')!;
        plugin._converse = {} as NonNullable<ConversePlugin['_converse']>;
        expect(() => plugin.initialize()).not.toThrow();
        expect(String(error.calls.first().args[0])).toContain('SIP-005');
    });
});
