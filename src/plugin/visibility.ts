/** A check of the connection test: do contacts see by chat where we can be called (PROTOCOL.md 8.4)? */
import { addressOfRecord, checked, type CheckReason, type CheckResult } from '../sip-sidecar/contract/index.js';
import type { Shared } from './phone.js';
import { readItem, type PublicationNeeds } from './publication.js';
import { PUBLISH_OPTIONS } from './stanzas/pubsub.js';
import { REACH } from './stanzas/namespaces.js';
import { parseReach } from './stanzas/reach.js';

/** What this needs. */
export interface VisibilityNeeds extends Pick<PublicationNeeds, 'jid' | 'sendIQ' | 'supports'> {
    /** The own address of record; null while not registered. */
    readonly aor: string | null;
    readonly shared: Shared;
}

/** Asks the own server. Where the address is to be published it has to be there; else presence has to carry it. */
export async function addressVisible(needs: VisibilityNeeds): Promise<CheckResult> {
    const { jid, aor, shared, sendIQ, supports } = needs;
    const came = (reason: CheckReason | '', detail: string): CheckResult => checked('address-visible', reason, detail);
    if (!shared.presence && !shared.pep && !shared.message) return came('not-shared', '');
    if (aor === null) return came('not-tried', '');
    if (!shared.pep) return came('', shared.presence ? 'presence' : 'messages');
    try {
        if (!(await supports(PUBLISH_OPTIONS, jid))) return came('not-offered', PUBLISH_OPTIONS);
        const published = parseReach(await readItem(sendIQ, REACH, jid));
        return published.some((uri) => addressOfRecord(uri) === addressOfRecord(aor))
            ? came('', aor)
            : came('refused', REACH);
    } catch {
        return came('no-answer', jid);
    }
}
