import { loadStyle } from '../../../src/components/shared/style.js';

describe('the style sheet', () => {
    it('is one link, and applies when the elements are defined', async () => {
        await Promise.all([loadStyle(), loadStyle()]);
        const links = [...document.querySelectorAll('link')].filter(({ sheet }) =>
            [...(sheet?.cssRules ?? [])].some(({ cssText }) => cssText.includes('converse-sip-calls')),
        );
        expect(links.length).toBe(1);
    });
});
