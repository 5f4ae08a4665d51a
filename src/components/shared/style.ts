/** The style sheet: a file beside the script, so that the strictest content security policy minds nothing. */
import href from '../sip-ui.css';

/** Milliseconds after which what there is to see is shown without it. */
const PATIENCE = 3000;

/** Enough to take a call while the file does not come; the file is stronger. */
const POOR =
    ':where(.sip-icon){height:1em}:where(.sip-panel){background:#fff;bottom:0;color:#000;position:fixed;z-index:1060}';

let sheet: Promise<unknown> | undefined;

/** Gives the page the style sheet, once. @returns when it applies, or does not come: a call that looks poor is still a call */
export function loadStyle(): Promise<unknown> {
    return (sheet ??= new Promise((done) => {
        const poor = new CSSStyleSheet();
        poor.replaceSync(POOR);
        document.adoptedStyleSheets.push(poor);
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = href;
        link.onload = link.onerror = done;
        document.head.append(link);
        setTimeout(done, PATIENCE);
    }));
}
