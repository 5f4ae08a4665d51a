/** A call that comes in: who it is, and what to do about it. */
import { html, nothing } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Call, Phone } from '../../plugin/phone.js';
import { choice } from '../shared/button.js';
import { on, SipElement } from '../shared/element.js';
import { icon } from '../shared/icon.js';
import { deviceNote } from '../shared/note.js';
import { avatar } from '../shared/person.js';
import { askable, partyOf } from '../shared/words.js';
import { keyHint } from './key.js';
import { NARROW, surroundings } from './surroundings.js';

/** `<converse-sip-incoming>`: the dialog of one incoming call. */
export class SipIncoming extends SipElement {
    static override properties = {
        call: {},
        soundBlocked: {},
        hinted: {},
    };
    declare call: Call;
    /** The browser lets nothing be heard. */
    declare soundBlocked: boolean;
    /** The focus stays where the person types: the key that leads here is shown. */
    declare hinted: boolean;

    protected override watch(): readonly (() => void)[] {
        return [on(window, 'resize', this.arrange)];
    }

    /** Moves the focus here: on the dialog itself, where no key answers or declines by mistake. */
    async takeFocus(): Promise<void> {
        await this.updateComplete;
        this.querySelector<HTMLElement>('[role=alertdialog]')?.focus();
    }

    /** On a narrow screen the dialog stands at the bottom, in reach of a thumb, but above a half-typed message. */
    private readonly arrange = (): void => {
        const root = this.closest<HTMLElement>('.conversejs');
        const style = this.querySelector<HTMLElement>('.sip-incoming')?.style;
        if (!root || !style) return;
        const { area, floor } = surroundings(root);
        style.bottom = window.matchMedia(NARROW).matches ? `${String(Math.round(area.bottom - floor) + 8)}px` : '';
    };

    protected override updated(): void {
        this.arrange();
    }

    protected override draw(phone: Phone): unknown {
        const { call } = this;
        if (call.state.name !== 'incoming') return nothing;
        const party = partyOf(call, phone);
        const { problem } = call.state;
        const withVideo = call.video && phone.video;
        const hushed = call.elsewhere ? t('elsewhere') : call.silent ? t('incoming.silent') : '';
        const answer =
            (video: boolean, listenOnly = false) =>
            (): void =>
                phone.answer(call.id, { video, listenOnly });
        return html`<div
            class="sip-incoming sip-panel"
            role="alertdialog"
            tabindex="-1"
            aria-label=${t('incoming.name', { name: party.name })}
            aria-describedby="${this.partId}-kind ${this.partId}-level"
        >
            <div class="sip-head">
                ${avatar(party, 48)}
                <div class="sip-titles">
                    <div class="sip-kind" id="${this.partId}-kind">
                        ${icon(withVideo ? 'video' : 'phone')}
                        <span>${t(withVideo ? 'incoming.video' : 'incoming.voice')}</span>
                    </div>
                    <converse-sip-who
                        .party=${party}
                        .levelId="${this.partId}-level"
                        .address=${askable(call)}
                    ></converse-sip-who>
                </div>
            </div>
            ${deviceNote(problem)} ${hushed === '' ? nothing : html`<p class="sip-hushed">${hushed}</p>`}
            ${this.soundBlocked ? html`<p class="sip-note">${t('incoming.blocked')}</p>` : nothing}
            ${keyHint(this.hinted)}
            <div class="sip-choices">
                ${choice(t('decline'), () => phone.decline(call.id), 'sip-end', icon('phone', 'down'))}
                ${problem?.device === 'microphone' ? choice(t('listenOnly'), answer(false, true)) : nothing}
                ${choice(t('answer'), answer(false), 'sip-accept', icon('phone'))}
                ${withVideo ? choice(t('answerVideo'), answer(true), 'sip-accept', icon('video')) : nothing}
            </div>
        </div>`;
    }
}
