/** What other telephones and servers do between the INVITE and the end of a call, with parts that are not ours. */
import {
    answering,
    expectRequest,
    expectResponse,
    headerOf,
    inDialog,
    send,
    statusOf,
    untilSignal,
    type Scenario,
} from '../../servers/index.js';
import { hangUpAlone } from './support/calls.js';
import { story } from './support/house.js';

const isInvite = (message: string): boolean => message.startsWith('INVITE ');

/** Sends whoever calls elsewhere. */
const redirecting = (contact: string): Scenario => ({
    name: 'redirecting',
    side: 'server',
    callId: null,
    steps: [
        expectRequest('INVITE'),
        send(
            [
                'SIP/2.0 302 Moved Temporarily',
                '[last_Via:]',
                '[last_From:]',
                '[last_To:];tag=elsewhere',
                '[last_Call-ID:]',
                '[last_CSeq:]',
                contact,
            ],
            undefined,
            true,
        ),
        expectRequest('ACK'),
    ],
});

describe('A call out', () => {
    story('that is sent elsewhere goes there once the person has said yes', async (house) => {
        const [alice, bob] = await Promise.all([house.enter('alice'), house.enter('bob')]);
        const device = await house.device(
            redirecting('Contact: <sip:nobody@localhost>;q=0.1, <sip:bob@localhost>;q=0.5'),
            { registeredAs: house.servers.user('dave') },
        );
        await alice.opensChatWith('bob');
        await alice.writes('/call sip:dave@localhost');
        const invite = await device.waitFor(isInvite);
        await alice.anyCall.getByRole('alertdialog').getByText('sip:bob@localhost').waitFor();
        const isToBob = ({ text }: { readonly text: string }) => text.startsWith('INVITE sip:bob@');
        expect((await alice.sip()).filter(isToBob)).toEqual([]);
        await alice.presses('Call there');
        await bob.seesIncomingCallFrom('Alice');
        await bob.presses('Answer');
        await alice.isTold('In call');
        await Promise.all([alice.hears(), bob.hears()]);
        const sent = (await alice.sip()).filter(({ direction, method }) => direction === 'sent' && method === 'INVITE');
        expect(new Set(sent.map(({ callId }) => callId))).toEqual(new Set([headerOf(invite, 'Call-ID')]));
        await hangUpAlone(alice);
    });

    story('is good for as long as the other side says, which refreshes it by UPDATE', async (house) => {
        const alice = await house.enter('alice');
        const headers = ['Session-Expires: 90;refresher=uac', 'Supported: timer'];
        const device = await house.device(
            answering({
                headers: ['Session-Expires: 90;refresher=uas', 'Require: timer'],
                during: [untilSignal('REFRESH'), inDialog('UPDATE', { headers }), expectResponse(200)],
            }),
            { registeredAs: house.servers.user('dave') },
        );
        await alice.opensChatWith('bob');
        await alice.writes('/call sip:dave@localhost');
        const invite = await device.waitFor(isInvite);
        expect(headerOf(invite, 'Supported')).toContain('timer');
        expect(headerOf(invite, 'Session-Expires')).toBe('1800');
        await device.waitFor((message) => message.startsWith('ACK '));
        device.signal('REFRESH');
        const ok = await device.waitFor((message) => statusOf(message) === 200);
        expect(headerOf(ok, 'CSeq')).toContain('UPDATE');
        expect(headerOf(ok, 'Session-Expires')).toBe('90;refresher=uac');
        await alice.presses('Hang up');
        expect(await device.ended).toBeTrue();
    });
});
