/** Every unit spec, in one bundle for Karma. End-to-end specs run in Node. */
const specs = import.meta.webpackContext('.', { recursive: true, regExp: /^\.\/(?!e2e\/).*\.spec\.ts$/u });
for (const name of specs.keys()) specs(name);
