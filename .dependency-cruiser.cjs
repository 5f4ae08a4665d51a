/* The import rules of the house: components -> plugin -> sip-sidecar/contract; agent and media -> contract. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
    forbidden: [
        only('no-circular', 'A circle cannot be understood one part at a time.', {}, { circular: true }),
        only('no-unresolved', 'An import that leads nowhere.', {}, { couldNotResolve: true }),
        only(
            'sip.js-in-agent-only',
            'sip.js is hardly maintained: replacing it must touch one folder.',
            { pathNot: '^src/sip-sidecar/agent/' },
            { path: 'node_modules/sip\\.js/' },
        ),
        only(
            'lit-in-components-only',
            'The plugin half has no DOM.',
            { pathNot: '^src/components/' },
            { path: 'node_modules/(lit|lit-html|lit-element|@lit)/' },
        ),
        only(
            'converse-types-only',
            'A second Converse core would end up in the bundle.',
            {},
            { path: 'node_modules/(@converse|converse\\.js)/', dependencyTypesNot: ['type-only'] },
        ),
        only(
            'contract-is-pure',
            'The contract imports nothing of ours but itself.',
            { path: '^src/sip-sidecar/contract/' },
            { pathNot: '^src/sip-sidecar/contract/' },
        ),
        only(
            'agent-to-contract',
            'The agent knows the contract and sip.js, nothing else.',
            { path: '^src/sip-sidecar/agent/' },
            { path: '^src/', pathNot: '^src/sip-sidecar/(agent|contract)/' },
        ),
        only(
            'media-to-contract',
            'Media knows the contract, nothing else.',
            { path: '^src/sip-sidecar/media/' },
            { path: '^src/', pathNot: '^src/sip-sidecar/(media|contract)/' },
        ),
        only(
            'sidecar-by-its-door',
            'Agent and media load on need: only the door of the sidecar, and only by a dynamic import.',
            { pathNot: '^src/sip-sidecar/' },
            { path: '^src/sip-sidecar/(agent|media)/' },
        ),
        only(
            'agent-is-dynamic',
            'Agent and media are chunks that load on need.',
            { path: '^src/sip-sidecar/[^/]+$' },
            { path: '^src/sip-sidecar/(agent|media)/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
        ),
        only(
            'sidecar-knows-no-plugin',
            'The SIP half knows nothing of Converse.',
            { path: '^src/sip-sidecar/' },
            { path: '^src/(plugin|components|i18n)/' },
        ),
        only(
            'plugin-has-no-view',
            'The plugin half has no DOM; the door hands the view to it.',
            { path: '^src/plugin/' },
            { path: '^src/(components|sip-sidecar/(agent|media))/' },
        ),
        only(
            'components-have-no-protocol',
            'Components read calls and the address book and call the telephone.',
            { path: '^src/components/' },
            { path: '^src/(plugin/(stanzas|stox)|sip-sidecar/(agent|media|index))' },
        ),
        only(
            'stanzas-are-pure',
            'One file a specification: element to plain object, no Converse.',
            { path: '^src/plugin/(stanzas|stox)/' },
            { path: '^src/', pathNot: '^src/(plugin/(stanzas/|stox/|jid\\.ts)|sip-sidecar/contract/)' },
        ),
        only(
            'stox-has-no-elements',
            'Plain objects to plain objects: stanzas are built on these mappings, not they on stanzas.',
            { path: '^src/plugin/stox/' },
            { path: '^src/plugin/stanzas/' },
        ),
    ],
    options: {
        tsConfig: { fileName: 'tsconfig.json' },
        tsPreCompilationDeps: true,
        doNotFollow: { path: 'node_modules' },
        enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
    },
};
