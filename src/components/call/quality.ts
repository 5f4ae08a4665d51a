/** How well a call is heard: a symbol of three steps, on request the numbers behind it, a word when it gets worse. */
import { html, nothing, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Phone } from '../../plugin/phone.js';
import type { Quality } from '../../sip-sidecar/contract/index.js';
import { disclosure } from '../shared/button.js';
import { SipElement } from '../shared/element.js';
import { icon } from '../shared/icon.js';
import { qualityLines } from '../shared/words.js';

/** Milliseconds that a worse level has to last before it is said. */
const PATIENCE = 4000;
const LEVELS: readonly Quality['level'][] = ['good', 'fair', 'poor'];

const words = ({ level }: Quality): string => t('quality', { level: t(`quality.${level}`) });

/** `<converse-sip-quality>` of one call. Nothing while nothing is known. */
export class SipQuality extends SipElement {
    static override properties = { callId: {}, open: {}, said: {} };
    declare callId: string;
    /** Whether the numbers are shown. */
    declare open?: boolean;
    /** What is said because it got worse. */
    declare private said?: string;
    /** The level that the person knows of, as a place in {@link LEVELS}. */
    private known = 0;
    private telling: ReturnType<typeof setTimeout> | undefined;

    protected override watch(phone: Phone): readonly (() => void)[] {
        return [phone.quality.subscribe(this.callId, this.changed)];
    }

    override disconnectedCallback(): void {
        super.disconnectedCallback();
        clearTimeout(this.telling);
    }

    private get quality(): Quality | null {
        return this.phone?.quality.get(this.callId) ?? null;
    }

    protected override willUpdate(): void {
        const { quality } = this;
        const level = quality ? LEVELS.indexOf(quality.level) : 0;
        if (level > this.known) {
            this.telling ??= setTimeout(() => this.tell(), PATIENCE);
            return;
        }
        clearTimeout(this.telling);
        this.telling = undefined;
        if (level < this.known) this.said = '';
        this.known = level;
    }

    private tell(): void {
        const { quality } = this;
        this.telling = undefined;
        if (!quality) return;
        this.known = LEVELS.indexOf(quality.level);
        this.said = words(quality);
    }

    protected override render(): unknown {
        const { quality } = this;
        return html`${quality ? this.symbol(quality) : nothing}
            <span class="visually-hidden" aria-live="polite">${this.said}</span>`;
    }

    private symbol(quality: Quality): TemplateResult {
        return html`${disclosure(words(quality), icon(quality.level), this)}
        ${
            this.open
                ? html`<ul class="sip-reasons" id=${this.partId}>
                      ${qualityLines(quality).map((line) => html`<li>${line}</li>`)}
                  </ul>`
                : nothing
        }`;
    }
}
