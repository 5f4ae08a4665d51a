/** What assistive technology finds: elements by role and accessible name, as axe-core computes them. */
import axe from 'axe-core';

/** The part of axe that is not in its declarations. */
interface Commons {
    aria: { getRole(element: Element): string | null };
    text: { accessibleText(element: Element): string };
    dom: { isVisibleToScreenReaders(element: Element): boolean };
}
const { commons } = axe as unknown as { commons: Commons };

/** Every element with that role (and name) that assistive technology can see. */
export function allByRole(root: Element, role: string, name?: string | RegExp): HTMLElement[] {
    axe.setup(document.documentElement);
    try {
        return [root, ...root.querySelectorAll('*')].filter((element): element is HTMLElement => {
            if (!(element instanceof HTMLElement) || commons.aria.getRole(element) !== role) return false;
            if (!commons.dom.isVisibleToScreenReaders(element)) return false;
            if (name === undefined) return true;
            const text = commons.text.accessibleText(element);
            return typeof name === 'string' ? text === name : name.test(text);
        });
    } finally {
        axe.teardown();
    }
}

/** The one element with that role and name. @throws where there is none, or more than one */
export function byRole(root: Element, role: string, name?: string | RegExp): HTMLElement {
    const found = allByRole(root, role, name);
    if (found.length !== 1) {
        const there = allByRole(root, role).map((element) => nameOf(element));
        throw new Error(`${String(found.length)} × ${role} "${String(name)}"; there: ${there.join(' | ')}`);
    }
    return found[0]!;
}

/** The accessible name. */
export function nameOf(element: Element): string {
    axe.setup(document.documentElement);
    try {
        return commons.text.accessibleText(element);
    } finally {
        axe.teardown();
    }
}

/** The accessible description by `aria-describedby`. */
export function descriptionOf(element: Element): string {
    return (element.getAttribute('aria-describedby') ?? '')
        .split(/\s+/u)
        .map((id) => document.getElementById(id)?.textContent.trim().replace(/\s+/gu, ' ') ?? '')
        .join(' ')
        .trim();
}

/** What the WCAG 2.2 AA rules find wrong, one line each. */
export async function accessibilityProblems(root: Element): Promise<string[]> {
    const { violations } = await axe.run(root, {
        runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
        resultTypes: ['violations'],
    });
    return violations.map(
        ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 120)} ${any[0]?.message ?? ''}`).join(' | ')}`,
    );
}
