/** What the messages of the other side say of it, as the port hands it out. Pure. */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import type { Header, RemoteParty } from '../contract/index.js';
import { isFreeName, offersVideo, readCallInfo, readNameAddress, readValues } from './headers.js';

type Message = Pick<IncomingMessage, 'getHeader' | 'getHeaders'>;

/** Headers of the drafts before RFC 7081, which are read from everybody. */
const DRAFT_HEADERS = ['XMPP-Contact', 'XMPP-Thread'];

/**
 * The DTLS fingerprints in a session description, each distinct one once, as `sha-256 AA:BB:…`. Whatever a browser could
 * take for one is in it.
 */
export function readFingerprints(sdp: string | null | undefined): string[] {
    const found = (sdp ?? '').matchAll(/^a=fingerprint:\s*([\w-]+)\s+([0-9a-f:]+)/gimu);
    return [
        ...new Set(Array.from(found, ([, hash = '', value = '']) => `${hash.toLowerCase()} ${value.toUpperCase()}`)),
    ];
}

/**
 * @param description the session description that goes with the message, and is not always in it
 * @param names of the headers to hand out
 */
export function readRemote(
    message: Message,
    description: string | null | undefined,
    names: readonly string[],
): RemoteParty {
    return {
        contact: readNameAddress(message.getHeader('contact') ?? '').address,
        callInfo: readCallInfo(message.getHeaders('call-info')),
        headers: [...DRAFT_HEADERS, ...names.filter(isFreeName)].flatMap((name) =>
            readValues(message.getHeaders(name)).map((value): Header => [name, value]),
        ),
        fingerprints: readFingerprints(description),
    };
}

/**
 * Whether the other side takes video: its description says so, else the features that stand with its Contact (RFC 3840
 * section 9), else (null) nothing does.
 */
export function readVideo(message: Message, description: string | null): boolean | null {
    if (description !== null) return offersVideo(description);
    const features = />([^>]*)$/u.exec(message.getHeader('contact') ?? '')?.[1] ?? '';
    const has = (name: string): boolean => new RegExp(`;\\s*${name}\\b(?!\\s*=\\s*"?false)`, 'iu').test(features);
    return has('video') || (has('audio') ? false : null);
}
