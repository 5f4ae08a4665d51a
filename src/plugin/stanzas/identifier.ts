/** Identifiers of strangers: threads, Call-IDs, the ids of calls and stanzas. Opaque, compared exactly. */

import { UNFIT } from '../../sip-sidecar/contract/index.js';

/** The longest that is taken, in UTF-16 units. */
const MAX_LENGTH = 255;

/** The identifier without white space around it (XEP-0201 shows some), or null: absent, too long or unfit. */
export function identifier(text: string | null | undefined): string | null {
    const id = text?.trim() ?? '';
    return id !== '' && id.length <= MAX_LENGTH && id.search(UNFIT) < 0 ? id : null;
}
