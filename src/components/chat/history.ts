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
export function loggedCallOf(message: Message | null | undefined): LoggedCall | null {
    const kept = message?.get('sip_call') as Partial<LoggedCall> | null | undefined;
    if (typeof kept !== 'object' || kept === null) return null;
    const { direction, reason, startedAt, answeredAt, endedAt } = kept;
    const readable =
        (direction === 'outgoing' || direction === 'incoming') &&
        isEndReason(reason) &&
        Number.isFinite(startedAt) &&
        Number.isFinite(endedAt) &&
        (answeredAt === null || Number.isFinite(answeredAt));
    return readable ? (kept as LoggedCall) : null;
}

/** Time of day, as Converse writes it for messages. */
function timeOfDay(time: unknown): string {
    const host = currentHost();
    const dayjs = (host?.env as { dayjs?: (time: unknown) => { format(as: string): string } } | undefined)?.dayjs;
    const format = host?.api.settings.get('time_format');
    return dayjs?.(time).format(typeof format === 'string' ? format : 'HH:mm') ?? '';
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

    protected watch(): readonly (() => void)[] {
        return [];
    }

    private readonly callBack = async (): Promise<void> => {
        const call = loggedCallOf(this.model);
        const jid = this.chat.get('jid');
        if (!call || typeof jid !== 'string') return;
        this.problem = placeWords(await this.phone?.call(jid, { video: call.video }));
    };

    protected override render(): unknown {
        const call = loggedCallOf(this.model);
        if (!call) return nothing;
        const missed = isMissed(call);
        const [image, kind]: readonly [Icon, string] = missed
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
                    ? button(t('callBack'), () => void this.callBack(), {
                          kind: 'sip-plain sip-history__back',
                          image: icon('phone'),
                      })
                    : nothing
            }
            ${this.problem ? html`<span class="sip-history__problem" role="alert">${this.problem}</span>` : nothing}
        </div>`;
    }
}
