/**
 * One SIP call as `<dialog/>` of RFC 4235 (PROTOCOL.md 8.5, 8.8), with DTLS fingerprints (XEP-0320). Tags are neither written
 * nor read: with them anybody could take the call over (Replaces).
 */
import { cleanSipAddress } from '../../sip-sidecar/contract/index.js';
import { identifier } from './identifier.js';
import { childOf, childrenOf, element, textOf } from './xml.js';

const DIALOG_INFO = 'urn:ietf:params:xml:ns:dialog-info';
const DTLS = 'urn:xmpp:jingle:apps:dtls:0';

/** The most fingerprints that are read from one side. */
const MAX_FINGERPRINTS = 8;

/** One side of a call. */
export interface DialogSide {
    /** The address of record, cleaned. */
    readonly identity: string | null;
    /** `sha-256 AA:BB:…`, as the sidecar gives them. */
    readonly fingerprints: readonly string[];
}

/** A call as one of its two sides describes it. */
export interface Dialog {
    readonly callId: string | null;
    /** What the one who writes is in this call: only `initiator` and `recipient` verify anything. */
    readonly direction: 'initiator' | 'recipient' | null;
    /** The side that writes. */
    readonly local: DialogSide;
    readonly remote: DialogSide;
    /** The Call-ID of the call that this one continues. */
    readonly replaces: string | null;
}

/** What is said of a call; the rest is left out. */
export interface DialogParts extends Partial<Omit<Dialog, 'local' | 'remote'>> {
    readonly id?: string;
    readonly state?: string;
    /** The SIP status code behind the state. */
    readonly code?: number;
    /** @param target the address that reaches this very device, cleaned */
    readonly local?: Partial<DialogSide> & { readonly target?: string };
    readonly remote?: Partial<DialogSide>;
}

/** The element. What cannot be sent is left out. */
export function buildDialog({ id, callId, direction, state, code, local, remote, replaces }: DialogParts): Element {
    const old = identifier(replaces);
    return element(
        DIALOG_INFO,
        'dialog',
        { id, 'call-id': identifier(callId), direction },
        state ? element(DIALOG_INFO, 'state', { code: code?.toString() }, state) : null,
        old && element(DIALOG_INFO, 'replaces', { 'call-id': old }),
        // Who answers takes the active part of DTLS (RFC 5763 section 5).
        side('local', local, direction === 'recipient' ? 'active' : 'actpass'),
        side('remote', remote, 'actpass'),
    );
}

function side(
    name: string,
    { identity, target, fingerprints = [] }: NonNullable<DialogParts['local']> = {},
    setup: string,
): Element | null {
    const made = element(
        DIALOG_INFO,
        name,
        {},
        identity ? element(DIALOG_INFO, 'identity', {}, identity) : null,
        target ? element(DIALOG_INFO, 'target', { uri: target }) : null,
        ...fingerprints.map((fingerprint) => {
            const [hash, value = ''] = fingerprint.split(' ');
            return element(DTLS, 'fingerprint', { hash, setup }, value);
        }),
    );
    return made.firstChild && made;
}

/** The first `<dialog/>` of an element, or null. */
export function parseDialog(parent: Element | null): Dialog | null {
    const dialog = childOf(parent, DIALOG_INFO, 'dialog');
    if (dialog === null) return null;
    const direction = dialog.getAttribute('direction');
    const callIdOf = (found: Element | null) => identifier(found?.getAttribute('call-id'));
    const sideOf = (name: string): DialogSide => ({
        identity: cleanSipAddress(textOf(childOf(dialog, DIALOG_INFO, name, 'identity'), 256)),
        fingerprints: fingerprintsOf(childOf(dialog, DIALOG_INFO, name)),
    });
    return {
        callId: callIdOf(dialog),
        direction: direction === 'initiator' || direction === 'recipient' ? direction : null,
        local: sideOf('local'),
        remote: sideOf('remote'),
        replaces: callIdOf(childOf(dialog, DIALOG_INFO, 'replaces')),
    };
}

function fingerprintsOf(found: Element | null): string[] {
    const all = childrenOf(found, DTLS, 'fingerprint')
        .slice(0, MAX_FINGERPRINTS)
        .map((each) => `${each.getAttribute('hash')?.toLowerCase() ?? ''} ${textOf(each, 256).toUpperCase()}`);
    const fit = all.filter((each) => /^sha-(?:256|384|512) [\dA-F]{2}(?::[\dA-F]{2}){31,63}$/u.test(each));
    return [...new Set(fit)];
}

/**
 * Whether the media of a call are the announced ones: there is a fingerprint, and every one that is used was announced.
 *
 * @param used those of a session description
 */
export function areAnnounced(used: readonly string[], announced: readonly string[]): boolean {
    return used.length > 0 && used.every((fingerprint) => announced.includes(fingerprint));
}
