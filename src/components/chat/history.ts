/** A call in the history of a conversation. */
import { html, nothing } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import { describeCall, isEndReason, isMissed, type LoggedCall } from '../../plugin/logged-call.js';
import type { ChatBox, Message } from '../../plugin/converse.js';
import { currentHost } from '../shared/host.js';
import { button } from '../shared/button.js';
import { SipElement } from '../shared/element.js';
import { icon, type Icon } from '../shared/icon.js';
import { whoWas } from '../shared/who.js';
import { placeWords } from '../shared/words.js';

/** The call that an entry of the history tells of; null for any other message, and for one that cannot be read. */
function loggedCallOf(message: Message): LoggedCall | null {
    const kept = message.get('sip_call') as LoggedCall | undefined;
    if (!kept) return null;
    const { direction, reason, startedAt, answeredAt, endedAt } = kept;
    const readable =
        ['incoming', 'outgoing'].includes(direction) &&
        isEndReason(reason) &&
        [startedAt, answeredAt ?? 0, endedAt].every(Number.isFinite);
    return readable ? kept : null;
}

/** Time of day, as Converse writes it for messages. */
function timeOfDay(time: unknown): string | undefined {
    const { api, env } = currentHost() ?? {};
    const { dayjs } = (env ?? {}) as { dayjs?: (time: unknown) => { format(as: string): string } };
    return dayjs?.(time).format(String(api?.settings.get('time_format')));
}

/** `<converse-sip-history>`. */
export class SipHistory extends SipElement {
    static override properties = {
        model: {},
        entry: {},
        chat: {},
        problem: {},
    };
    declare model: Message;
    /** What the model says of the call: it may turn out later that another device took it. */
    declare entry: unknown;
    declare chat: ChatBox;
    /** Why calling back did not work. */
    declare private problem: string;

    private async callBack({ video }: LoggedCall): Promise<void> {
        this.problem = placeWords(await this.phone?.call(String(this.chat.get('jid')), { video }));
    }

    protected override render(): unknown {
        const call = loggedCallOf(this.model);
        if (!call) return nothing;
        const [image, kind]: readonly [Icon, string] = isMissed(call)
            ? ['arrow-down', 'sip-missed']
            : call.answeredAt === null
              ? ['phone', 'sip-failed']
              : call.direction === 'outgoing'
                ? ['arrow-up', 'sip-out']
                : ['arrow-down', 'sip-in'];
        const time = this.model.get('time');
        return html`<div class="message chat-info sip-history ${kind}" data-isodate=${time}>
            <span class="sip-history__icon">${icon(image, kind === 'sip-failed' ? 'down' : '')}</span>
            <span class="sip-history__words">${describeCall(call, this.chat.getDisplayName())}</span>
            ${whoWas(call, this.phone)}
            <time class="sip-history__time" datetime=${time}>${timeOfDay(time)}</time>
            ${
                this.phone
                    ? button(t('callBack'), () => void this.callBack(call), {
                          kind: 'sip-plain sip-history__back',
                          image: icon('phone'),
                      })
                    : nothing
            }
            ${this.problem ? html`<span class="sip-history__problem" role="alert">${this.problem}</span>` : nothing}
        </div>`;
    }
}
