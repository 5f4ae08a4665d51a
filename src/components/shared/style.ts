/** Style sheets are constructed, so that no content security policy minds them. */

const adopted = new Map<string, CSSStyleSheet>();

/** Gives the page a style sheet, once. @param text CSS */
export function adopt(text: string): void {
    if (adopted.has(text)) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    adopted.set(text, sheet);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
