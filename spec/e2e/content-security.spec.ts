import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { aliceAndBob, connect, hangUp } from './support/calls.js';
import { story, type Entrance, type House } from './support/house.js';
import type { Person } from './support/person.js';

/** The line that the documents give to administrators, with the servers of this house in it. */
function policy({ servers }: House): string {
    const documents = readFileSync(fileURLToPath(new URL('../../docs/administrators.md', import.meta.url)), 'utf8');
    const line = /Content-Security-Policy "([^"]+)"/.exec(documents)?.[1] ?? '';
    const mine = `connect-src 'self' ${servers.xmpp.websocket} ${servers.sip.websocket} ${servers.sip.websocket.replace('ws', 'http')}`;
    const adapted = line.replace(/connect-src [^;]+/u, mine);
    if (!adapted.includes(servers.sip.websocket)) throw new Error('The documents have no connect-src');
    return adapted;
}

/** What the page was reported for. */
const reports = (person: Person): Promise<string[]> => person.frame.evaluate(() => recorded.reports);

/** What is not allowed anyway: pictures that Converse's login page takes from its own site. */
const ofOurs = (lines: readonly string[]): string[] =>
    lines.filter((line) => !line.includes('https://conversejs.org/'));

async function wholeCall(house: House, entrance: Entrance): Promise<Person> {
    const two = await aliceAndBob(house, entrance);
    await connect(two, 'Video call');
    await two.alice.sees();
    await two.alice.presses('Keypad');
    await two.alice.screenshot('content-security');
    await hangUp(two.alice, two.bob);
    await two.alice.findsInHistory(/^Outgoing video call/);
    await two.alice.opensSettings();
    await two.alice.closesSettings();
    return two.alice;
}

describe('The content security policy of the documents', () => {
    story('is not hurt by a whole call, and not more by the plugin than by Converse alone', async (house) => {
        const headers = { 'content-security-policy': policy(house) };
        const plain = await house.enter('carol', { headers, plugin: 'none', until: 'online' });
        await plain.opensChatWith('bob');
        const alice = await wholeCall(house, { headers });
        expect(ofOurs(await reports(alice))).toEqual(ofOurs(await reports(plain)));
    });

    story(
        'is not hurt by our scripts even where it forbids inline styles and asks for Trusted Types',
        async (house) => {
            const headers = {
                'content-security-policy-report-only': "style-src 'self'; require-trusted-types-for 'script'",
            };
            const alice = await wholeCall(house, { headers });
            const all = await reports(alice);
            expect(all.length).withContext('Converse alone is reported').toBeGreaterThan(0);
            expect(all.filter((line) => line.includes('/plugin/'))).toEqual([]);
        },
    );
});
