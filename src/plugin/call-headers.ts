/** What our SIP tells the other side about the chat side of a call (PROTOCOL.md 8.2, RFC 6993), and whom it tells nothing. */
import { parseSipAddress, type Header } from '../sip-sidecar/contract/index.js';
import type { Contacts } from './contacts.js';
import type { ConverseApi } from './converse.js';
import { resourceOf } from './jid.js';
import type { Settings } from './settings.js';
import { buildContactHeaders, formatCallInfo } from './stanzas/call-info.js';

/** What decides. */
export interface CallHeadersNeeds {
    readonly host: { readonly api: Pick<ConverseApi, 'user'> };
    readonly settings: Pick<Settings, 'sendJid' | 'correlationHeaders'>;
    readonly contacts: Pick<Contacts, 'seesUs'>;
    /** The own bare JID. */
    readonly jid: string;
}

/** What is told, and to whom. */
export interface Told {
    /** The SIP address of the other side; empty: anonymous. */
    readonly address: string;
    /** Whether it is that of a contact. */
    readonly contact: boolean;
    /** That contact: who sees our presence knows our devices. Empty: not to be told of ours. */
    readonly whose: string;
    readonly thread: string | null;
    /** The id of our announcement. */
    readonly id: string | null;
}

/** The headers for an INVITE or its 2xx: none to telephone numbers and to those who call anonymously. */
export function callHeaders(
    { host, settings, contacts, jid }: CallHeadersNeeds,
    { address, contact, whose, thread, id }: Told,
): Header[] {
    const { sendJid, correlationHeaders } = settings;
    const reached = parseSipAddress(address);
    if (sendJid === 'never' || (sendJid === 'contacts' && !contact) || !reached || reached.phone) return [];
    const said = { jid, thread };
    const device = contact && contacts.seesUs(whose) && { id, resource: resourceOf(host.api.user.jid() ?? '') };
    const value = formatCallInfo({ ...said, ...device });
    return value === null ? [] : [['Call-Info', value], ...buildContactHeaders(correlationHeaders, said)];
}
