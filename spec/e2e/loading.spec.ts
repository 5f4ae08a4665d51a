import { hangUp } from './support/calls.js';
import { story, type Entrance } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

/** Lines of the plugin on the console. */
const lines = (person: Person): string[] =>
    person.console.map(({ text }) => text).filter((text) => text.includes('converse-sip'));

/** Files of the plugin that the page has loaded. */
const files = (person: Person): Promise<string[]> =>
    person.frame.evaluate(() =>
        performance
            .getEntriesByType('resource')
            .map(({ name }) => new URL(name).pathname)
            .filter((path) => path.startsWith('/plugin/')),
    );

/** The chat is as Converse made it: no button, no line, no element of ours. */
async function seesNothingOfUs(person: Person): Promise<void> {
    await person.opensChatWith(person.name === 'bob' ? 'alice' : 'bob');
    await person.writes('Hello');
    await person.reads('Hello');
    expect(await person.button('Call').count()).toBe(0);
    expect(await person.frame.locator('converse-sip-calls, converse-sip-heading button').count()).toBe(0);
}

/** One calls the other by the telephone's buttons, they hear each other, and hang up. */
async function talk(caller: Person, callee: Person): Promise<void> {
    const title = (person: Person): string => person.name.charAt(0).toUpperCase() + person.name.slice(1);
    await caller.calls(callee.name);
    await callee.seesIncomingCallFrom(title(caller));
    await callee.presses('Answer');
    await Promise.all([caller.isInCallWith(title(callee)), callee.isInCallWith(title(caller))]);
    await Promise.all([caller.hears(), callee.hears()]);
    await hangUp(caller, callee);
}

describe('The plugin registers once and works', () => {
    story(
        'whether its script comes before Converse, or the site imports it, and with converse.min.js',
        async (house) => {
            const [before, minified, imported] = await Promise.all([
                house.enter('alice', { plugin: 'before' }),
                house.enter('bob', { converse: 'converse.min.js' }),
                house.enter('carol', { plugin: 'register' }),
            ]);
            await talk(before, minified);
            await talk(imported, before);
            for (const person of [before, minified, imported]) expect(lines(person)).toEqual([]);
        },
    );

    story('also where its style sheet is not there', async (house) => {
        const before = `document.head.append = (link) => {
            if (link.href.endsWith('sip-ui.css')) link.href = '/plugin/none.css';
            Element.prototype.append.call(document.head, link);
        };`;
        const [alice, bob] = await Promise.all([house.enter('alice', { before }), house.enter('bob')]);
        alice.mayComplain(/404/u);
        await talk(bob, alice);
        expect((await files(alice)).filter((file) => file.endsWith('.css'))).toEqual(['/plugin/none.css']);
        expect((await files(bob)).filter((file) => file.endsWith('.css'))).toEqual(['/plugin/chunks/sip-ui.css']);
    });

    story('without a user interface, by scripts', async (house) => {
        const [alice, bob] = await Promise.all([
            house.enter('alice', { converse: 'headless', plugin: 'after' }),
            house.enter('bob', { converse: 'headless', plugin: 'register' }),
        ]);
        const first = (person: Person, state: string): Promise<string> =>
            until(`${person.name}'s call is ${state}`, async () => {
                const calls = await person.script((api) => api.sip?.calls() ?? []);
                const call = calls[0];
                if (call?.state.name !== state) throw new Error(JSON.stringify(calls));
                return call.id;
            });
        await until('the address is known', () =>
            alice.script((api) => JSON.stringify(api.sip?.lookup('bob@localhost') ?? '').includes('sip:bob')),
        );
        await alice.script((api) => api.sip?.call('bob@localhost'));
        await first(bob, 'incoming');
        await bob.script((api) => api.sip?.answer(api.sip.calls()[0]?.id ?? ''));
        await Promise.all([first(alice, 'active'), first(bob, 'active')]);
        for (const person of [alice, bob])
            await until(`${person.name} receives sound`, async () =>
                (await person.flows()).some(({ direction, packets }) => direction === 'in' && packets > 0),
            );
        await bob.script((api) => api.sip?.hangUp(api.sip.calls()[0]?.id ?? ''));
        await Promise.all([first(alice, 'ended'), first(bob, 'ended')]);
        expect((await files(alice)).filter((file) => /sip-ui|sip-call/u.test(file))).toEqual([]);
    });
});

describe('The plugin does nothing and says so in one line', () => {
    story('where no sip_server is configured: only its first file is loaded', async (house) => {
        const alice = await house.enter('alice', { settings: { sip_server: '' }, until: 'online' });
        await seesNothingOfUs(alice);
        expect(lines(alice)).toEqual(['converse-sip [SIP-001] No sip_server is configured: voice and video are off.']);
        expect(await files(alice)).toEqual(['/plugin/converse-sip.js']);
    });

    story('with a Converse that it does not know, and in a browser without WebRTC', async (house) => {
        const version = (name: string): Entrance => ({
            before: `window.converse.env.VERSION_NAME = '${name}';`,
            until: 'online',
        });
        const [older, newer, without] = await Promise.all([
            house.enter('alice', version('v13.0.0')),
            house.enter('bob', version('v16.0.0')),
            house.enter('carol', { before: 'delete window.RTCPeerConnection;', until: 'online' }),
        ]);
        for (const [person, code] of [
            [older, 'SIP-003'],
            [newer, 'SIP-003'],
            [without, 'SIP-004'],
        ] as const) {
            person.mayComplain(new RegExp(code));
            await seesNothingOfUs(person);
            expect(lines(person).length).toBe(1);
            expect(person.notices(code).length).toBe(1);
            expect(await files(person)).toEqual(['/plugin/converse-sip.js']);
        }
    });
});
