/** Texts that come from strangers, or go to them, made harmless. */

/** The longest display name that is shown or sent, in characters. */
export const MAX_NAME_LENGTH = 80;

/**
 * Control, invisible, direction-changing characters, lone surrogates, line and paragraph separators, and what XML cannot
 * carry: what goes from a SIP header into a stanza and back must hold none, one wrong character ends the whole stream.
 */
export const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

/**
 * A text without control, invisible and direction-changing characters, its white space folded, cut to a length. It is
 * still only text: show it as a text node, never as mark-up.
 */
export function cleanText(text: unknown, length: number = MAX_NAME_LENGTH): string {
    if (typeof text !== 'string') return '';
    const clean = text
        .slice(0, length * 8)
        .replace(/[\t\r\n\u2028\u2029]+/gu, ' ')
        .replace(UNFIT, '')
        .replace(/\s+/gu, ' ')
        .trim();
    const characters = Array.from(clean);
    return characters.length > length
        ? `${characters
              .slice(0, length - 1)
              .join('')
              .trimEnd()}…`
        : clean;
}

/** A display name fit for a quoted-string in a SIP header (RFC 3261 section 25.1): no quote, no backslash. */
export function cleanDisplayName(name: unknown): string {
    return cleanText(name).replace(/["\\<>]/gu, '');
}

/**
 * Whether a value may stand in a SIP header that we send: no CR, LF, NUL or other control character, and not over-long.
 */
export function isHeaderValue(value: string): boolean {
    return value.length <= 2048 && !/[\u0000-\u0008\u000a-\u001f\u007f]/u.test(value);
}
