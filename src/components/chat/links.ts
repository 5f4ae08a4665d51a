/** Addresses and numbers in messages: a press asks, shows exactly what will be dialled, and calls. */
import { html } from '../shared/lit.js';
import { placeCall } from '../../plugin/commands.js';
import type { MessageText } from '../../plugin/converse.js';
import { currentPhone } from '../../plugin/phone.js';
import { cleanSipAddress } from '../../sip-sidecar/contract/index.js';
import { currentHost } from '../shared/host.js';

/** A `sip:`, `sips:` or `tel:` address; or a number with its country code, as people write it. */
const ADDRESS = /(?<![\w@.+/:-])(?:(?:sips?|tel):[^\s<>"]{1,255}|\+[1-9](?:[ ().\/-]{0,2}\d){6,14}(?!\w))/giu;
/** Of one message, so many are made buttons: a list of numbers is none, and must not stop the page. */
const MOST = 100;
/** What ends a sentence, not an address. */
const PUNCTUATION = /[.,;:!?'’)\]]+$/u;

/** Where in a text which address stands. */
export function findAddresses(text: string): { begin: number; end: number; shown: string; address: string }[] {
    return [...text.matchAll(ADDRESS)].slice(0, MOST).flatMap(({ 0: found, index: begin }) => {
        const shown = found.replace(PUNCTUATION, '');
        const address = cleanSipAddress(shown.startsWith('+') ? `tel:${shown.replace(/[^+\d]/gu, '')}` : shown);
        return address === null ? [] : [{ begin, end: begin + shown.length, shown, address }];
    });
}

/** Makes a button of every address in the text that is not part of a link already. */
export function linkAddresses(text: MessageText): void {
    for (const { begin, end, shown, address } of findAddresses(text.toString())) {
        if (text.references.some((other) => begin < other.end && other.begin < end)) continue;
        const press = (): void => {
            const phone = currentPhone();
            const api = currentHost()?.api;
            if (phone && api) void placeCall(api, phone, address, { video: false, ask: true });
        };
        text.addTemplateResult(
            begin,
            end,
            html`<button type="button" class="btn sip-link" @click=${press}><bdi>${shown}</bdi></button>`,
        );
    }
}
