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

/** Notes from now on what was to become script or markup on a page. @returns says what */
async function watchSinks(person: Person): Promise<() => Promise<string[]>> {
    await person.frame.evaluate(() => {
        const sinks: string[] = [];
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective, sample }) => {
            if (effectiveDirective === 'require-trusted-types-for') sinks.push(sample);
        });
        Object.assign(window, { sinks });
    });
    return () => person.frame.evaluate(() => (window as unknown as { sinks: string[] }).sinks);
}

/** Stanzas, and the tests of a library in Converse for what browsers can do. */
const OF_CONVERSE = /^(?:DOMParser parseFromString|Element innerHTML\|<a (?:id='sizzle|href='' disabled))/u;

/** What is forbidden, whatever it was and whichever script did it. */
const kinds = (lines: readonly string[]): string[] => [...new Set(lines.map((line) => line.split(' ')[0] ?? ''))];

/** Nothing but what is needed, from the own site, and no text that becomes a script. */
function strictest({ servers }: House): string {
    const { websocket } = servers.sip;
    const connect = `connect-src 'self' ${servers.xmpp.websocket} ${websocket} ${websocket.replace('ws', 'http')}`;
    const own = ['script', 'style', 'img', 'font', 'media', 'manifest', 'worker'].map((what) => `${what}-src 'self'`);
    const trusted = "require-trusted-types-for 'script'; trusted-types lit-html";
    return ["default-src 'none'", ...own, connect, "base-uri 'none'", "form-action 'self'", trusted].join('; ');
}

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

    for (const browser of ['chromium', 'firefox'] as const) {
        story(`is not hurt by our scripts in a call, as strict as can be, in ${browser}`, async (house) => {
            const headers = { 'content-security-policy-report-only': strictest(house) };
            const entrance = { headers, browser };
            const plain = await house.enter('carol', { ...entrance, plugin: 'none', until: 'online' });
            await plain.opensChatWith('bob');
            const { alice, bob } = await aliceAndBob(house, entrance, entrance);
            await alice.opensChatWith('bob');
            await alice.canPress('Video call');
            const sinks = await watchSinks(bob);
            await alice.presses('Video call');
            await bob.seesIncomingCallFrom('Alice');
            await bob.presses('Answer with video');
            await bob.isInCallWith('Alice');
            for (const name of ['Keypad', 'Mute', 'Camera', 'Hold']) await bob.presses(name);
            await bob.isTold('On hold');
            await hangUp(bob, alice);
            expect((await sinks()).filter((sample) => !OF_CONVERSE.test(sample))).toEqual([]);

            await alice.findsInHistory(/^Outgoing video call/);
            await alice.opensSettings();
            await alice.closesSettings();
            const all = [...(await reports(alice)), ...(await reports(bob))];
            const ofConverse = kinds(await reports(plain));
            expect(ofConverse.length).withContext('Converse alone is reported').toBeGreaterThan(0);
            expect(all.filter((line) => line.includes('/plugin/'))).toEqual([]);
            expect(kinds(all).filter((kind) => !ofConverse.includes(kind))).toEqual([]);
        });
    }
});
