/** The connection test in the settings: what is checked, what came of it and what to do; and the log to send along. */
import { html, nothing, type TemplateResult } from '../shared/lit.js';
import { t } from '../../i18n/index.js';
import type { Phone } from '../../plugin/phone.js';
import type { CheckReason, CheckResult, MediaProblem } from '../../sip-sidecar/contract/index.js';
import { button } from '../shared/button.js';
import { SipElement } from '../shared/element.js';
import { icon, type Icon } from '../shared/icon.js';
import { section } from '../shared/section.js';
import { problemWords } from '../shared/words.js';

type Outcome = CheckResult['result'];

const ICONS: Readonly<Record<Outcome, Icon>> = {
    running: 'spinner',
    passed: 'check',
    failed: 'triangle-exclamation',
    skipped: 'minus',
};

/** Reasons that calls have, too. */
const OF_DEVICES: readonly (MediaProblem | CheckReason)[] = [
    'insecure-page',
    'unsupported',
    'blocked-by-site',
    'denied',
    'missing',
    'in-use',
];
const isMediaProblem = (reason: MediaProblem | CheckReason): reason is MediaProblem => OF_DEVICES.includes(reason);

/** Why a check did not pass, and what to do. */
function whyWords({ name, reason }: CheckResult): string {
    if (!reason) return '';
    const device = name === 'microphone' || name === 'camera' ? name : 'speaker';
    return isMediaProblem(reason) ? problemWords({ device, problem: reason }) : t(`why.${reason}`);
}

/** `<converse-sip-connection-test>`. */
export class SipConnectionTest extends SipElement {
    static override properties = { log: {}, copied: {} };
    /** The log, where the browser did not let it be copied; empty: it was not asked for, or it was copied. */
    declare private log?: string;
    /** What came of copying. */
    declare private copied?: string;

    protected override watch(phone: Phone): readonly (() => void)[] {
        return this.follow(phone.checks);
    }

    private readonly copy = async (): Promise<void> => {
        this.log = this.copied = '';
        const text = (await this.phone?.login?.report()) ?? '';
        try {
            if (text !== '') await navigator.clipboard.writeText(text);
            this.copied = t(text === '' ? 'log.empty' : 'log.copied');
        } catch {
            // Not allowed, or the page is not secure: by hand
            this.log = text;
            await this.updateComplete;
            const field = this.querySelector('textarea');
            field?.focus();
            field?.select();
        }
    };

    protected override draw(phone: Phone): unknown {
        const checks = phone.checks.get();
        const count = { running: 0, passed: 0, failed: 0, skipped: 0 };
        for (const { result } of checks) count[result]++;
        const said = count.running ? t('test.running') : checks.length > 0 ? t('test.done', count) : '';
        return section(
            'settings-test',
            t('test.title'),
            html`${button(t('test.start'), () => phone.login?.test(), { disabled: count.running ? said : '' })}
                <p role="status">${said}</p>
                <ul class="sip-checks">
                    ${checks.map(item)}
                </ul>
                <p role="status">${this.copied}</p>
                ${button(t('log.copy'), () => void this.copy(), { image: icon('copy') })}
                ${
                    this.log
                        ? html`<label class="form-label" for="sip-log">${t('log.by-hand')}</label>
                              <textarea
                                  class="form-control"
                                  id="sip-log"
                                  rows="6"
                                  readonly
                                  dir="ltr"
                                  .value=${this.log}
                              ></textarea>`
                        : nothing
                }`,
        );
    }
}

function item(check: CheckResult): TemplateResult {
    const { name, result, detail } = check;
    const why = whyWords(check);
    return html`<li data-result=${result}>
        ${icon(ICONS[result])}
        <div>
            ${t(`check.${name}`)}: <b>${t(`result.${result}`)}</b>
            ${[why, detail].map((line) => (line === '' ? nothing : html`<div class="sip-hushed">${line}</div> `))}
        </div>
    </li>`;
}
