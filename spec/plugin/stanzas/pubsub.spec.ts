import {
    buildConfigure,
    buildItemsRequest,
    buildPublish,
    errorConditions,
    parseEvent,
    parseItems,
} from '../../../src/plugin/stanzas/pubsub.js';
import { buildReach } from '../../../src/plugin/stanzas/reach.js';
import { meaning, text, xml } from '../support/xml.js';

const NODE = 'urn:xmpp:reach:0';
const event = (inside: string): Element =>
    xml(
        `<message xmlns='jabber:client'><event xmlns='http://jabber.org/protocol/pubsub#event'>${inside}</event></message>`,
    );

describe('pubsub', () => {
    it('publishes with options, as PROTOCOL.md 8.4 shows it', () => {
        const iq = buildPublish(NODE, buildReach(['sip:alice@sip.example.org']));
        iq.setAttribute('id', 'p1');
        expect(meaning(xml(text(iq)))).toEqual(
            meaning(
                xml(`<iq xmlns='jabber:client' type='set' id='p1'>
                  <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                    <publish node='urn:xmpp:reach:0'>
                      <item id='current'><reach xmlns='urn:xmpp:reach:0'><addr uri='sip:alice@sip.example.org'/></reach></item>
                    </publish>
                    <publish-options>
                      <x xmlns='jabber:x:data' type='submit'>
                        <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>
                        <field var='pubsub#persist_items'><value>true</value></field>
                        <field var='pubsub#access_model'><value>presence</value></field>
                      </x>
                    </publish-options>
                  </pubsub>
                </iq>`),
            ),
        );
    });

    it('configures nothing but these two options', () => {
        const iq = xml(text(buildConfigure(NODE)));
        expect(Array.from(iq.querySelectorAll('field'), (field) => field.getAttribute('var'))).toEqual([
            'FORM_TYPE',
            'pubsub#persist_items',
            'pubsub#access_model',
        ]);
        expect(iq.querySelector('field')?.textContent).toBe('http://jabber.org/protocol/pubsub#node_config');
    });

    it('asks for the newest item, as PROTOCOL.md 8.6 shows it', () => {
        const iq = buildItemsRequest(NODE, 'bob@example.net');
        iq.setAttribute('id', 'd1');
        expect(meaning(iq)).toEqual(
            meaning(
                xml(`<iq xmlns='jabber:client' type='get' to='bob@example.net' id='d1'>
                  <pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:reach:0' max_items='1'/></pubsub>
                </iq>`),
            ),
        );
    });

    it('reads an event of a node, and of that node only', () => {
        const items = `<items node='${NODE}'><item id='current'><reach xmlns='${NODE}'/></item></items>`;
        expect(parseEvent(event(items), NODE)?.payload?.localName).toBe('reach');
        expect(parseEvent(event(items.replace(NODE, 'other')), NODE)).toBeNull();
        expect(parseEvent(xml(`<message xmlns='jabber:client'><body>x</body></message>`), NODE)).toBeNull();
    });

    it('reads that an item, or all, or the node is gone', () => {
        for (const gone of [
            `<items node='${NODE}'><retract id='current'/></items>`,
            `<purge node='${NODE}'/>`,
            `<delete node='${NODE}'/>`,
        ]) {
            expect(parseEvent(event(gone), NODE)).toEqual({ payload: null });
        }
    });

    it('takes no event that is wrapped into another message', () => {
        const inner = text(event(`<delete node='${NODE}'/>`));
        expect(
            parseEvent(xml(`<message xmlns='jabber:client'><forwarded>${inner}</forwarded></message>`), NODE),
        ).toBeNull();
    });

    it('reads a result', () => {
        const result = (node: string): Element =>
            xml(
                `<iq xmlns='jabber:client' type='result'><pubsub xmlns='http://jabber.org/protocol/pubsub'>` +
                    `<items node='${node}'><item/><item id='a'><reach xmlns='${NODE}'/></item></items></pubsub></iq>`,
            );
        expect(parseItems(result(NODE), NODE)?.localName).toBe('reach');
        expect(parseItems(result('other'), NODE)).toBeNull();
    });

    it('reads the conditions of an error, and survives what is none', () => {
        const error = xml(
            `<iq xmlns='jabber:client' type='error'><error type='cancel'>
                <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
                <precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>
                <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text></error></iq>`,
        );
        expect(errorConditions(error)).toEqual(['conflict', 'precondition-not-met']);
        expect(errorConditions(null)).toEqual([]);
        expect(errorConditions(new Error('x'))).toEqual([]);
        expect(errorConditions(xml('<iq/>'))).toEqual([]);
    });
});
