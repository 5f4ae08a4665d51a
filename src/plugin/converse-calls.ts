/**
 * Calls over XMPP that a later Converse may offer itself (`api.calls.dial`): then `sip_calls_by` says what Call uses for a
 * person (RFC 7081 section 2). What is dialled by its SIP address is always called by SIP.
 */
import { t } from '../i18n/index.js';
import type { ConverseApi } from './converse.js';
import type { Settings } from './settings.js';

type Dial = (jid: string, options: { readonly video: boolean }) => unknown;

/** Converse's own way to call somebody; null: it has none, or it is not wanted. */
export function converseDial(api: ConverseApi, by: Settings['callsBy']): Dial | null {
    const { calls } = api;
    return by === 'sip' || typeof calls?.dial !== 'function' ? null : (jid, options) => calls.dial?.(jid, options);
}

/** Which way this call goes; null: none, the person thought better of it. */
export async function chooseWay(
    api: ConverseApi,
    by: Settings['callsBy'],
    name: string,
): Promise<'sip' | 'xmpp' | null> {
    if (by !== 'ask' || !api.confirm) return by === 'sip' ? 'sip' : 'xmpp';
    const field = { name: 'xmpp', type: 'checkbox', label: t('ask.xmpp') };
    const answer = await api.confirm(t('ask.title', { address: name }), [], [field]);
    if (!answer) return null;
    const [chosen] = Array.isArray(answer) ? (answer as readonly { readonly value?: unknown }[]) : [];
    return chosen?.value ? 'xmpp' : 'sip';
}
