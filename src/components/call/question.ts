/** What only the person can decide while a call goes on. It changes nothing until they do, and the first choice is No. */
import { html, nothing } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Call, Phone } from '../../plugin/phone.js';
import type { Question } from '../../sip-sidecar/contract/index.js';
import { choice } from '../shared/button.js';
import { shortAddress } from '../shared/words.js';
import { keyHint } from './key.js';

/** The question of a call, or null. */
export function questionOf({ state }: Call): Question | null {
    return 'question' in state ? (state.question ?? null) : null;
}

/** The question in words. @param name of the other side */
export function questionWords(question: Question, name: string): string {
    return t(`question.${question.kind}`, { name, address: question.kind === 'redirect' ? question.to : '' });
}

/**
 * The dialog of the question, inside the call's card; nothing where there is none.
 * @param name of the other side
 * @param hinted the focus stays where the person types
 */
export function questionDialog(call: Call, name: string, phone: Phone, hinted: boolean): unknown {
    const question = questionOf(call);
    if (!question) return nothing;
    const { kind } = question;
    const id = `sip-question-${call.id}`;
    const decide = (accept: boolean): unknown =>
        choice(t(`question.${kind}.${accept ? 'yes' : 'no'}`), () => phone.reply(call.id, accept));
    return html`<div
        class="sip-question sip-note"
        role="alertdialog"
        aria-labelledby=${id}
        aria-describedby="${id}-more"
    >
        <p id=${id}>${questionWords(question, name)}</p>
        <div class="sip-hushed" id="${id}-more">
            ${details(question, name, phone).map((line) => html`<p>${line}</p> `)}
        </div>
        ${keyHint(hinted)}
        <div class="sip-choices">${decide(false)}${decide(true)}</div>
    </div>`;
}

/** What the person should know before they decide. */
function details(question: Question, name: string, phone: Phone): readonly string[] {
    if (question.kind === 'redirect') {
        const doubt = phone.doubt(question.to);
        return doubt ? [t(`ask.${doubt}`, { name })] : [];
    }
    const { from, displayName } = question;
    const claim = t('identity.claimed', { jid: shortAddress(from) || t('identity.unknown') });
    return displayName === '' ? [claim] : [claim, t('identity.calls-itself', { name: displayName })];
}
