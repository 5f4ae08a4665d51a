/** Calls from places that Converse itself has: `/call` in the chat input, and its own call button in the toolbar. */
import { t } from '../i18n/index.js';
import type { ChatBox, ConverseApi } from './converse.js';
import { personOf } from './jid.js';
import type { Phone, Placed } from './phone.js';

/** A message for the person, where the eye is. */
function say(api: ConverseApi, problem: Exclude<Placed, { ok: true }>['problem']): void {
    api.toast?.show(`sip-${problem}`, { body: t(`reach.${problem}`), type: 'danger' });
}

/** Calls, or says why not. */
export async function placeCall(
    api: ConverseApi,
    phone: Phone,
    target: string,
    options: Parameters<Phone['call']>[1] = { video: false },
): Promise<void> {
    const placed = await phone.call(target, options);
    if (!placed.ok && placed.problem !== 'cancelled') say(api, placed.problem);
}

/**
 * `/call` calls the person of the conversation, `/call sip:…` (or `user@host`, or a number) that address.
 */
export function onCommand(api: ConverseApi, phone: Phone, chat: ChatBox, text: string): void {
    const target = text.trim().slice('/call'.length).trim() || personOf(chat);
    if (target === null) say(api, 'bad-address');
    else void placeCall(api, phone, asAddress(phone, target));
}

/** `dave@sip.example.net` is the address of whoever is no contact of that name. */
function asAddress(phone: Phone, target: string): string {
    const known = !target.includes('@') || target.includes(':') || phone.person(target) !== null;
    return known || phone.reach.get(target).addresses.length > 0 ? target : `sip:${target}`;
}

/** Converse's own call button: as Call, or why not. */
export function onCallButton(api: ConverseApi, phone: Phone, chat: ChatBox): void {
    // A Converse that has calls of its own answers its own button.
    if (typeof api.calls?.dial === 'function') return;
    const jid = personOf(chat);
    if (jid === null) say(api, 'no-address');
    else void placeCall(api, phone, jid);
}
