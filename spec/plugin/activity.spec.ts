import { createActivity } from '../../src/plugin/activity.js';
import type { Store } from '../../src/plugin/store.js';
import { fakeStore } from './support/fake-store.js';
import { reason, rejectWith, text, xml } from './support/xml.js';

const ME = 'alice@example.net';
const PUBSUB = 'http://jabber.org/protocol/pubsub';

describe('the activity during a call', () => {
    let store: Store;
    let published: string[];
    let item: string;
    let supported: boolean;
    let problems: string[];
    const begin = () =>
        createActivity({
            jid: ME,
            store,
            supports: () => Promise.resolve(supported),
            failed: (_code, why) => problems.push(reason(why)),
            sendIQ: (iq) => {
                if (iq.getAttribute('type') === 'get') {
                    const inside = item === '' ? '' : `<item id='current'>${item}</item>`;
                    return Promise.resolve(
                        xml(
                            `<iq xmlns='jabber:client'><pubsub xmlns='${PUBSUB}'>` +
                                `<items node='http://jabber.org/protocol/activity'>${inside}</items></pubsub></iq>`,
                        ),
                    );
                }
                const [activity] = iq.getElementsByTagName('activity');
                item = text(activity!);
                published.push(/on_\w+/u.exec(item)?.[0] ?? 'none');
                expect(text(iq)).toContain('presence</value>');
                return Promise.resolve(xml('<iq/>'));
            },
        });
    beforeEach(() => {
        ({ store } = fakeStore());
        published = [];
        item = '';
        supported = true;
        problems = [];
    });

    it('is published when it begins and taken back when it ends', async () => {
        const activity = begin();
        await activity('audio');
        await activity('audio');
        await activity('video');
        await activity(null);
        await activity(null);
        expect(published).toEqual(['on_the_phone', 'on_video_phone', 'none']);
    });

    it('is taken back by the next page where this one crashed', async () => {
        await begin()('audio');
        const next = begin();
        await next(null);
        expect(published).toEqual(['on_the_phone', 'none']);
        await begin()(null);
        expect(published.length).toBe(2);
    });

    it('is not published for a call that was over before it could be', async () => {
        const activity = begin();
        void activity('audio');
        await activity(null);
        expect(published).toEqual([]);
    });

    it('leaves alone what the person set with another client', async () => {
        item = `<activity xmlns='http://jabber.org/protocol/activity'><eating/></activity>`;
        const activity = begin();
        await activity('audio');
        await activity(null);
        expect(published).toEqual([]);
    });

    it('is not published where it could become public', async () => {
        supported = false;
        await begin()('audio');
        expect(published).toEqual([]);
    });

    it('that a server refuses is named for the administrator, and the next one is tried', async () => {
        const refuse = createActivity({
            jid: ME,
            store,
            supports: () => Promise.resolve(true),
            failed: (_code, why) => problems.push(reason(why)),
            sendIQ: () =>
                rejectWith(
                    xml(
                        `<iq type='error'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
                    ),
                ),
        });
        await refuse('audio');
        await refuse(null);
        expect(problems).toEqual(['forbidden']);
    });
});
