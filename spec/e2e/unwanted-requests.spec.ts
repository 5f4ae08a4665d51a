import { call, headerOf, request, statusOf } from '../../servers/index.js';
import { story } from './support/house.js';

const STRANGER = '<sip:mallory@elsewhere.example>';
const ALICE = 'sip:alice@localhost';

/** What a stranger may send to a telephone that only calls, and what it says (RFC 3261, RFC 3891, RFC 3911, RFC 6665). */
const REQUESTS: readonly [method: string, headers: readonly string[], status: number][] = [
    ['OPTIONS', [], 200],
    ['MESSAGE', [], 405],
    ['PUBLISH', ['Event: presence'], 405],
    ['UPDATE', [], 481],
    ['INFO', [], 405],
    ['FROBNICATE', [], 405],
    ['SUBSCRIBE', ['Event: presence'], 489],
    ['NOTIFY', ['Event: refer', 'Subscription-State: active'], 481],
    ['REFER', ['Refer-To: <sip:+1900@localhost>'], 603],
    ['INVITE', ['Replaces: known;to-tag=1;from-tag=2'], 481],
    ['INVITE', ['Join: known;to-tag=1;from-tag=2'], 481],
    ['INVITE', ['Replaces: ;;='], 400],
    ['INVITE', ['Require: sec-agree'], 420],
];

describe('A stranger on the SIP side', () => {
    story('gets the answers of the RFCs to whatever is no call, and Alice sees none of it', async (house) => {
        const alice = await house.enter('alice');
        for (const [method, headers, status] of REQUESTS) {
            const options = { from: STRANGER, to: ALICE, headers };
            const device = await house.device(method === 'INVITE' ? call(options) : request(method, options));
            const answer = await device.waitFor((message) => (statusOf(message) ?? 0) >= 200);
            expect(statusOf(answer)).withContext(`${method} ${headers.join()}`).toBe(status);
            expect(answer).not.toMatch(/xmpp:|converse\.js/u);
            if (status === 405)
                expect(headerOf(answer, 'Allow')).toBe('INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK');
            if (method === 'OPTIONS') expect(headerOf(answer, 'Contact') ?? '').toBe('');
        }
        await alice.seesNoCall();
        expect(await alice.invites()).toBe(4);
    });

    story('may call by number, and may hide, and rings either way', async (house) => {
        const alice = await house.enter('alice');
        const number = await house.device(call({ from: '<tel:+1-303-555-1212>', to: ALICE }));
        await alice.seesIncomingCallFrom('+13035551212');
        await number.hangUp();
        await alice.seesNoCall();
        const headers = ['Privacy: id', 'P-Asserted-Identity: <sip:bob@localhost>'];
        const hidden = await house.device(
            call({ from: '"Bob" <sip:anonymous@anonymous.invalid>', to: ALICE, headers }),
        );
        await hidden.waitFor((message) => statusOf(message) === 180);
        expect(await alice.page.getByRole('alertdialog').innerText()).not.toMatch(/Bob|bob@/u);
        await hidden.hangUp();
        await alice.seesNoCall();
    });
});
