/** What the plugin says on the console: one line each, by code, `converse-sip [SIP-101] …`. Never a secret. */
import { NOTICES, cleanText, type NoticeCode } from '../sip-sidecar/contract/index.js';

/** The longest detail of a notice, in characters. */
const MAX_DETAIL_LENGTH = 300;

/** Writes a notice. `detail` is cleaned and cut; whoever writes it keeps secrets out. */
export function notice(code: NoticeCode, detail = ''): void {
    const [level, text] = NOTICES[code];
    const particulars = detail && `: ${cleanText(detail, MAX_DETAIL_LENGTH)}`;
    // The one place that writes: Converse's own log would hide `info` for some sites and add nothing.
    // eslint-disable-next-line no-console
    console[level](`converse-sip [${code}] ${text}${particulars}`);
}
