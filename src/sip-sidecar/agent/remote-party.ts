/** What the messages of the other side say of it, as the port hands it out. Pure. */
import type { IncomingMessage } from 'sip.js/lib/core/messages/incoming-message.js';
import { isHeaderValue, type Header, type RemoteParty } from '../contract/index.js';
import { isFreeName, readCallInfo, readNameAddress } from './headers.js';

/** Headers of the drafts before RFC 7081, which are read from everybody. */
const DRAFT_HEADERS = ['XMPP-Contact', 'XMPP-Thread'];

/** Of nobody. */
export const NO_PARTY: RemoteParty = { contact: '', callInfo: [], headers: [], fingerprints: [] };

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
    message: Pick<IncomingMessage, 'getHeader' | 'getHeaders'>,
    description: string | null | undefined,
    names: readonly string[],
): RemoteParty {
    return {
        contact: readNameAddress(message.getHeader('contact') ?? '').address,
        callInfo: readCallInfo(message.getHeaders('call-info')),
        headers: [...DRAFT_HEADERS, ...names.filter(isFreeName)].flatMap((name) =>
            message
                .getHeaders(name)
                .slice(0, 3)
                .filter((value) => value.length <= 1024 && isHeaderValue(value))
                .map((value): Header => [name, value]),
        ),
        fingerprints: readFingerprints(description),
    };
}
