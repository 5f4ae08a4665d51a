/** What our SIP tells the other side about the chat side of a call (PROTOCOL.md 8.2, RFC 6993), and whom it tells nothing. */
import { parseSipAddress, type Header } from '../sip-sidecar/contract/index.js';
import { buildContactHeaders, formatCallInfo } from './stanzas/call-info.js';

/** What decides, and what is told. */
export interface Told {
    /** `sip_send_jid`. */
    readonly to: 'always' | 'contacts' | 'never';
    /** The SIP address of the other side; empty: anonymous. */
    readonly address: string;
    /** Whether it is that of a contact. */
    readonly contact: boolean;
    /** Whether that contact sees our presence, and so knows our devices. */
    readonly authorised: boolean;
    /** The own JID: bare, and its device. */
    readonly jid: string;
    readonly resource: string;
    readonly thread: string | null;
    /** The id of our announcement. */
    readonly id: string | null;
    /** `sip_correlation_headers`. */
    readonly names: readonly string[];
}

/** The headers for an INVITE or its 2xx: none to telephone numbers and to those who call anonymously. */
export function callHeaders({ to, address, contact, authorised, names, ...told }: Told): Header[] {
    const reached = parseSipAddress(address);
    if (to === 'never' || (to === 'contacts' && !contact) || reached === null || reached.phone) return [];
    const { jid, thread } = told;
    const value = formatCallInfo(authorised ? told : { jid, thread });
    return value === null ? [] : [['Call-Info', value], ...buildContactHeaders(names, { jid, thread })];
}
