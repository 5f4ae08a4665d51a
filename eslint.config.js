import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import lit from 'eslint-plugin-lit';
import litA11y from 'eslint-plugin-lit-a11y';
import wc from 'eslint-plugin-wc';

export default defineConfig(
    { ignores: ['dist/', 'node_modules/', '.cache/', '.servers/', 'screenshots/'] },
    {
        files: ['src/**/*.ts', 'spec/**/*.ts', 'servers/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts'],
        extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
        languageOptions: { parserOptions: { projectService: true } },
        rules: {
            '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
            '@typescript-eslint/consistent-type-definitions': 'off',
            '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
            '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
            eqeqeq: 'error',
            'no-console': 'error',
            'no-restricted-syntax': [
                'error',
                { selector: "ImportSpecifier[imported.name='unsafeHTML']", message: 'Texts are text nodes.' },
                { selector: "AssignmentExpression[left.property.name='innerHTML']", message: 'Texts are text nodes.' },
            ],
        },
    },
    {
        files: ['src/components/**/*.ts'],
        plugins: { lit, 'lit-a11y': litA11y, wc },
        rules: {
            ...lit.configs['flat/recommended'].rules,
            ...litA11y.configs.recommended.rules,
            ...wc.configs['flat/recommended'].rules,
        },
    },
    {
        files: ['spec/**/*.ts'],
        rules: {
            '@typescript-eslint/no-non-null-assertion': 'off',
        },
    },
    {
        files: ['scripts/**/*.mjs', '*.js', '*.cjs', '.dependency-cruiser.cjs', 'spec/**/*.cjs'],
        languageOptions: { globals: globals.node },
        rules: { eqeqeq: 'error', 'no-unused-vars': 'error', 'no-undef': 'error' },
    },
    {
        files: ['servers/**/*.ts', 'spec/e2e/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts'],
        rules: { 'no-console': 'off' },
    },
);
