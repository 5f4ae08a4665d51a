/** In the settings: calls with nobody who has a conversation, which would be nowhere else. */
import { html, nothing, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import { describeCall } from '../../plugin/logged-call.js';
import type { LoggedCall, Phone } from '../../plugin/phone.js';
import { button } from '../shared/button.js';
import { SipElement } from '../shared/element.js';
import { problemNote } from '../shared/note.js';
import { section } from '../shared/section.js';
import { whoWas } from '../shared/who.js';
import { ago, placeWords, shortAddress } from '../shared/words.js';

/** `<converse-sip-other-calls>`. */
export class SipOtherCalls extends SipElement {
    static override properties = { problem: {} };
    /** Why calling back did not work. */
    declare private problem: string;

    protected override watch(phone: Phone): readonly (() => void)[] {
        return this.follow(phone.otherCalls);
    }

    private async callBack({ address, video }: LoggedCall): Promise<void> {
        // Whoever called chose it: a number that costs, or one of emergency
        this.problem = placeWords(await this.phone?.call(address, { video, ask: true }));
    }

    private write(jid: string): void {
        this.phone?.openChat(jid);
        // It would stay over the conversation
        this.closest('.modal')?.querySelector<HTMLElement>('[data-bs-dismiss=modal]')?.click();
    }

    protected override render(): unknown {
        const calls = this.phone?.otherCalls.get() ?? [];
        if (calls.length === 0) return nothing;
        return section(
            'other-calls',
            t('otherCalls.title'),
            html`<ul class="sip-addresses">
                    ${calls.map((call) => this.row(call))}
                </ul>
                ${problemNote(this.problem)}
                ${button(t('otherCalls.forget'), () => this.phone?.login?.forgetOtherCalls())}`,
        );
    }

    private row(call: LoggedCall): TemplateResult {
        const jid = call.identity?.jid;
        const name = call.address === '' ? t('identity.unknown') : shortAddress(call.address);
        return html`<li class="sip-choose">
            <div>
                <bdi>${name}</bdi>
                <div class="sip-hushed">${describeCall(call, name)}, ${ago(call.startedAt, Date.now())}</div>
                ${whoWas(call, this.phone)}
            </div>
            ${jid ? button(t('writeMessage'), () => this.write(jid)) : nothing}
            ${
                call.address === ''
                    ? nothing
                    : button(t('callBack'), () => void this.callBack(call), { tip: `${t('callBack')}: ${name}` })
            }
        </li>`;
    }
}
