/** The question whether a call is really the other side's own (PROTOCOL.md 8.8), in the namespace of this project. */
import { buildDialog, parseDialog, type Dialog, type DialogParts } from './dialog.js';
import { identifier } from './identifier.js';
import { PROFILE } from './namespaces.js';
import { childOf, CLIENT, element, iq, STANZA_ERRORS } from './xml.js';

/** Asks a device whether it placed the call with that Call-ID. @param to a full JID */
export function buildVerify(to: string, callId: string): Element {
    return iq('get', to, element(PROFILE, 'verify', { 'call-id': identifier(callId) }));
}

/** The Call-ID somebody asks about; null: not such a question. */
export function parseVerify(question: Element): string | null {
    return callIdOf(question, 'get');
}

/**
 * The answer to a question.
 *
 * @param dialog the call as we see it, whose Call-ID is the one that was asked about; null: there is none, or not for who asks, which looks the same
 */
export function buildVerifyAnswer(question: Element, dialog: DialogParts | null): Element {
    const callId = parseVerify(question);
    return element(
        CLIENT,
        'iq',
        { type: dialog ? 'result' : 'error', to: question.getAttribute('from'), id: question.getAttribute('id') },
        dialog
            ? element(PROFILE, 'verify', { 'call-id': callId }, buildDialog({ id: '1', ...dialog, callId }))
            : element(CLIENT, 'error', { type: 'cancel' }, element(STANZA_ERRORS, 'item-not-found')),
    );
}

/** The call as the one who was asked sees it; null: the answer says nothing about the call that was asked about. */
export function parseVerifyAnswer(answer: Element, callId: string): Dialog | null {
    const dialog = callIdOf(answer, 'result') === callId ? parseDialog(childOf(answer, PROFILE, 'verify')) : null;
    return dialog?.callId === callId ? dialog : null;
}

const callIdOf = (stanza: Element, type: string): string | null =>
    stanza.getAttribute('type') === type
        ? identifier(childOf(stanza, PROFILE, 'verify')?.getAttribute('call-id'))
        : null;
