/** Identifiers of strangers: threads, Call-IDs, the ids of calls and stanzas. Opaque, compared exactly. */

/** The longest that is taken, in UTF-16 units. */
const MAX_LENGTH = 255;

/**
 * Control, invisible, direction-changing characters, lone surrogates, line and paragraph separators, and what XML cannot
 * carry: an identifier goes from a SIP header into a stanza and back, and one wrong character there ends the whole stream.
 */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/u;

/** The identifier without white space around it (XEP-0201 shows some), or null: absent, too long or unfit. */
export function identifier(text: string | null | undefined): string | null {
    const id = text?.trim() ?? '';
    return id !== '' && id.length <= MAX_LENGTH && !UNFIT.test(id) ? id : null;
}
