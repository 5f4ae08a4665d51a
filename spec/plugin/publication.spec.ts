import { createPublication, type Publication } from '../../src/plugin/publication.js';
import { parseReach } from '../../src/plugin/stanzas/reach.js';
import { fakeStore } from './support/fake-store.js';
import { settled } from './support/until.js';
import { Wheel } from './support/wheel.js';
import { reason, rejectWith, text, xml } from './support/xml.js';

const OWN = 'sip:alice@sip.example.net';
const NODE = 'urn:xmpp:reach:0';

/** A PEP service with one node, as strict as Prosody's. */
class PepService {
    item: Element | null = null;
    access = 'presence';
    readonly log: string[] = [];
    failure: Element | Error | null = null;

    readonly sendIQ = (iq: Element): Promise<Element> => {
        const stanza = xml(text(iq));
        const what = stanza.querySelector('publish')
            ? 'publish'
            : stanza.querySelector('configure')
              ? 'configure'
              : 'items';
        this.log.push(what);
        if (this.failure instanceof Error) return Promise.reject(this.failure);
        if (this.failure) return rejectWith(this.failure);
        if (what === 'items' && this.item === null) return refuse('item-not-found');
        if (what === 'configure') this.access = 'presence';
        if (what === 'publish') {
            if (this.access !== 'presence') return refuse('conflict', 'precondition-not-met');
            this.item = stanza.querySelector('reach');
        }
        const items = this.item === null ? '' : `<item id='current'>${text(this.item)}</item>`;
        return Promise.resolve(
            xml(
                `<iq xmlns='jabber:client' type='result'><pubsub xmlns='http://jabber.org/protocol/pubsub'>` +
                    `<items node='${NODE}'>${items}</items></pubsub></iq>`,
            ),
        );
    };

    get uris(): string[] {
        return this.item === null ? [] : parseReach(this.item);
    }

    write(...uris: string[]): void {
        const addrs = uris.map((uri) => `<addr uri='${uri}'/>`).join('');
        this.item = xml(`<reach xmlns='${NODE}'>${addrs}</reach>`);
    }

    get event(): Element {
        return xml(
            `<message xmlns='jabber:client'><event xmlns='http://jabber.org/protocol/pubsub#event'>` +
                `<items node='${NODE}'><item id='current'>${text(this.item!)}</item></items></event></message>`,
        );
    }
}

function refuse(condition: string, more = ''): Promise<never> {
    const pubsub = more && `<${more} xmlns='http://jabber.org/protocol/pubsub#errors'/>`;
    const error = xml(
        `<iq xmlns='jabber:client' type='error'><error type='cancel'>` +
            `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>${pubsub}</error></iq>`,
    );
    return rejectWith(error);
}

describe('the published address', () => {
    let service: PepService;
    let wheel: Wheel;
    let failed: string[];
    let supported: boolean;
    let store: ReturnType<typeof fakeStore>['store'];
    const make = (): Publication =>
        createPublication({
            jid: 'alice@example.net',
            clock: wheel,
            store,
            sendIQ: service.sendIQ,
            supports: () => Promise.resolve(supported),
            failed: (_code, why) => failed.push(reason(why)),
        });
    beforeEach(() => {
        service = new PepService();
        wheel = new Wheel();
        failed = [];
        supported = true;
        ({ store } = fakeStore());
    });

    it('is published where nothing is, and only once', async () => {
        const publication = make();
        await publication.want(OWN);
        await publication.want(OWN);
        expect(service.uris).toEqual([OWN]);
        expect(service.log).toEqual(['items', 'publish']);
    });

    it('is not written where it is right already', async () => {
        service.write('sip:office@x.example', OWN);
        await make().want(OWN);
        expect(service.log).toEqual(['items']);
    });

    it('is added to what the other devices published', async () => {
        service.write('sip:office@x.example');
        await make().want(OWN);
        expect(service.uris).toEqual([OWN, 'sip:office@x.example']);
    });

    it('is withdrawn alone, and only what this device had published', async () => {
        service.write('sip:office@x.example');
        await make().want(OWN);
        await make().want(null);
        expect(service.uris).toEqual(['sip:office@x.example']);
        await make().want(null);
        expect(service.log).toEqual(['items', 'publish', 'items', 'publish']);
    });

    it('is left alone by a device that shares nothing and never did', async () => {
        service.write(OWN);
        await make().want(null);
        expect(service.log).toEqual([]);
    });

    it('gives way to the new one when the account changes', async () => {
        await make().want('sip:old@x.example');
        await make().want(OWN);
        expect(service.uris).toEqual([OWN]);
    });

    it('gets through a node with other options by setting only ours', async () => {
        service.access = 'whitelist';
        await make().want(OWN);
        expect(service.log).toEqual(['items', 'publish', 'configure', 'publish']);
        expect(service.uris).toEqual([OWN]);
        expect(failed).toEqual([]);
    });

    it('is not published without publish-options, and the administrator is told', async () => {
        supported = false;
        await make().want(OWN);
        expect(service.log).toEqual([]);
        expect(failed).toEqual(['no publish-options at the own account']);
    });

    for (const [what, failure, detail] of [
        [
            'a refusal',
            xml(
                `<iq xmlns='jabber:client'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
            ),
            'forbidden',
        ],
        ['a lost connection', new Error('not connected'), 'no answer'],
    ] as const) {
        it(`tells ${what}, and does not take it for published`, async () => {
            service.failure = failure;
            await make().want(OWN);
            expect(failed).toEqual([detail]);
            expect(await store.get('published')).toBeNull();
        });
    }

    it("comes back 2 to 10 seconds after another device's change dropped it, and is read again before", async () => {
        const publication = make();
        await publication.want(OWN);
        service.write('sip:office@x.example');
        wheel.chance = 0.999;
        publication.onOwnEvent(service.event);
        publication.onOwnEvent(service.event);
        wheel.turn(2_000);
        await settled();
        expect(service.uris).toEqual(['sip:office@x.example']);
        wheel.turn(8_000);
        await settled();
        expect(service.uris).toEqual([OWN, 'sip:office@x.example']);
    });

    it('is not written again where the event shows it right, or the other one set it right meanwhile', async () => {
        const publication = make();
        await publication.want(OWN);
        const { length } = service.log;
        publication.onOwnEvent(service.event);
        expect(wheel.waiting).toBe(0);
        service.write('sip:office@x.example');
        publication.onOwnEvent(service.event);
        service.write('sip:office@x.example', OWN);
        wheel.turn(10_000);
        await settled();
        expect(service.log.slice(length)).toEqual(['items']);
    });

    it('is nobody else’s business: events mean nothing to a device that publishes nothing', () => {
        service.write('sip:office@x.example');
        make().onOwnEvent(service.event);
        expect(wheel.waiting).toBe(0);
    });

    it('sends nothing after its end', async () => {
        const publication = make();
        await publication.want(OWN);
        service.write('sip:office@x.example');
        publication.onOwnEvent(service.event);
        publication.stop();
        const { length } = service.log;
        wheel.turn(60_000);
        await settled();
        expect(service.log.length).toBe(length);
    });

    it('ends in what was wanted last, however quickly the person changes their mind', async () => {
        const publication = make();
        await Promise.all([
            publication.want(OWN),
            publication.want(null),
            publication.want(OWN),
            publication.want(null),
        ]);
        expect(service.uris).toEqual([]);
        await publication.want(OWN);
        expect(service.uris).toEqual([OWN]);
    });
});
