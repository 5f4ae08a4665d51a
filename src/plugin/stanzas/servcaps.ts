/** Media capabilities in XML (RFC 5196): `<servcaps><audio>true</audio><video>true</video></servcaps>`. */
import { childOf, element, textOf } from './xml.js';

export const PIDF_CAPS = 'urn:ietf:params:xml:ns:pidf:caps';

/** The element of a device that takes audio calls, and video calls or not. */
export function buildServcaps(video: boolean): Element {
    const flag = (name: string, on: boolean): Element => element(PIDF_CAPS, name, {}, String(on));
    return element(PIDF_CAPS, 'servcaps', {}, flag('audio', true), flag('video', video));
}

/** Whether the device that wrote this stanza (or tuple) takes video calls; null: not said. */
export function parseServcaps(parent: Element | null): boolean | null {
    const said = /^(?:(true|1)|false|0)$/iu.exec(textOf(childOf(parent, PIDF_CAPS, 'servcaps', 'video'), 8));
    return said === null ? null : said[1] !== undefined;
}
