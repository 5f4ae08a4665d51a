import { startBaresip, type Baresip, type BaresipOptions } from '../../servers/index.js';
import { hangUpAlone } from './support/calls.js';
import { story, type House } from './support/house.js';
import { until } from './support/until.js';

/** Dave has a plain SIP telephone and no chat. */
async function withDave(
    house: House,
    options: Partial<BaresipOptions>,
    tell: (dave: Baresip) => Promise<void>,
): Promise<void> {
    const dave = await startBaresip({ user: house.servers.user('dave'), server: house.servers.sip, ...options });
    try {
        await tell(dave);
    } finally {
        await dave.stop();
    }
}

/**
 * baresip 1.0.0 stays with the first pair of addresses that ICE nominates and does not hear what comes from a better one
 * that Chromium finds a moment later. With loopback and another network there are two.
 */
const ONE_NETWORK = { browser: 'chromium on one network' } as const;

const DAVE = 'dave@localhost';
/** Half as loud as a telephone's own test tone, or a browser's beep, ever is. */
const AUDIBLE = 0.001;
const hearsSomething = (dave: Baresip) => until('Dave hears', () => dave.loudness() > AUDIBLE);

describe('A plain SIP telephone', () => {
    story('is called from the chat by its address, and hears digits', async (house) => {
        const alice = await house.enter('alice', ONE_NETWORK);
        await withDave(house, {}, async (dave) => {
            await alice.opensChatWith('bob');
            await alice.writes('/call sip:dave@localhost');
            await dave.waitFor(({ type }) => type === 'CALL_INCOMING');
            await alice.isTold('Ringing…');
            await dave.command('accept');
            await alice.isInCallWith(DAVE);
            await Promise.all([alice.hears(), hearsSomething(dave)]);
            await alice.presses('Keypad');
            for (const digit of ['1', '9']) await alice.presses(digit);
            await alice.page.keyboard.press('#');
            for (const digit of ['1', '9', '#'])
                await dave.waitFor(({ type, param }) => type === 'CALL_DTMF_START' && param === digit);
            await hangUpAlone(alice);
            await dave.waitFor(({ type }) => type === 'CALL_CLOSED');
        });
        // Nothing of the command was sent as a message
        expect(await alice.chat().locator('converse-chat-message').filter({ hasText: '/call' }).count()).toBe(0);
    });

    story('calls in, is shown by its address alone, and hangs up', async (house) => {
        const alice = await house.enter('alice', ONE_NETWORK);
        await withDave(house, {}, async (dave) => {
            await dave.command('dial', 'sip:alice@localhost');
            await alice.seesIncomingCallFrom(DAVE);
            await alice.incoming(DAVE).getByText('Not in your contacts').waitFor();
            await alice.screenshot('incoming-stranger');
            await alice.presses('Answer');
            await alice.isInCallWith(DAVE);
            await Promise.all([alice.hears(), hearsSomething(dave)]);
            await alice.presses('Hold');
            await alice.isTold('On hold');
            await alice.receivesNothing();
            await alice.presses('Hold');
            await alice.isTold('In call');
            // Not heard from here on: baresip 1.0.0 stops sending now and then after a re-INVITE that resumes, and writes
            // nothing more into its file. Between browsers it is heard, see in-call.spec.ts and the-call.spec.ts.
            await dave.command('hangup');
            await alice.isTold('Call ended');
        });
    });

    story('is called by a script with video, and both see', async (house) => {
        const alice = await house.enter('alice', ONE_NETWORK);
        await withDave(house, { video: true, answerMode: 'auto' }, async (dave) => {
            await alice.script((api) => api.sip?.call('sip:dave@localhost', { video: true }));
            await alice.isInCallWith(DAVE);
            await Promise.all([alice.hears(), alice.sees(), hearsSomething(dave)]);
            await until('pictures go out', async () =>
                (await alice.flows()).some(
                    ({ direction, kind, frames }) => direction === 'out' && kind === 'video' && frames > 30,
                ),
            );
            await hangUpAlone(alice);
            await dave.waitFor(({ type }) => type === 'CALL_CLOSED');
        });
    });

    story('calls in with video, and both see', async (house) => {
        const alice = await house.enter('alice', ONE_NETWORK);
        await withDave(house, { video: true }, async (dave) => {
            await dave.command('dial', 'sip:alice@localhost');
            await alice.seesIncomingCallFrom(DAVE);
            await alice.presses('Answer with video');
            await alice.isInCallWith(DAVE);
            await Promise.all([alice.hears(), alice.sees(), hearsSomething(dave)]);
            await hangUpAlone(alice);
            await dave.waitFor(({ type }) => type === 'CALL_CLOSED');
        });
    });

    story('that declines is told so; an address that does not exist too; and what is none', async (house) => {
        const alice = await house.enter('alice', ONE_NETWORK);
        await withDave(house, {}, async (dave) => {
            await alice.opensChatWith('bob');
            await alice.writes('/call dave@localhost');
            await dave.waitFor(({ type }) => type === 'CALL_INCOMING');
            await dave.command('hangup');
            await alice.isTold(/The call was declined|is busy/);
        });
        await alice.presses('Close');
        await alice.writes('/call sip:dave@localhost');
        await alice.isTold('dave@localhost is not available');
        await alice.presses('Close');
        await alice.writes('/call javascript:alert(1)');
        await alice.frame
            .getByText('This is not an address that can be called.')
            .filter({ visible: true })
            .first()
            .waitFor();
        const calls = new Set(
            (await alice.sip()).filter(({ method }) => method === 'INVITE').map(({ callId }) => callId),
        );
        expect(calls.size).toBe(2);
    });
});
