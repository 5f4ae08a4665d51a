import { buildActivity } from '../../../src/plugin/stanzas/activity.js';
import { meaning, xml } from '../support/xml.js';

describe('XEP-0108 activity', () => {
    it('is that of somebody on the telephone, with video or without', () => {
        const talking = (kind: string): unknown =>
            meaning(
                xml(`<activity xmlns='http://jabber.org/protocol/activity'><talking><${kind}/></talking></activity>`),
            );
        expect(meaning(buildActivity('audio'))).toEqual(talking('on_the_phone'));
        expect(meaning(buildActivity('video'))).toEqual(talking('on_video_phone'));
    });

    it('is empty once nothing is done', () => {
        expect(meaning(buildActivity(null))).toEqual(
            meaning(xml(`<activity xmlns='http://jabber.org/protocol/activity'/>`)),
        );
    });
});
