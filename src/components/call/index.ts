/** A call: dialog, card, sounds. */
import { define } from '../shared/element.js';
import { SipCalls } from './calls.js';
import { SipCall } from './card.js';
import { SipIncoming } from './incoming.js';
import { SipQuality } from './quality.js';

/** Defines the elements of a call. */
export function defineCallElements(): void {
    define('converse-sip-quality', SipQuality);
    define('converse-sip-call', SipCall);
    define('converse-sip-incoming', SipIncoming);
    define('converse-sip-calls', SipCalls);
}
