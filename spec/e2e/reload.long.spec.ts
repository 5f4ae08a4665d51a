import { startBaresip } from '../../servers/index.js';
import type { BrowserName } from './support/browsers.js';
import { hangUp, inACall } from './support/calls.js';
import { bindingsOf, story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

/** Both hear each other, and know who they are. */
async function goesOn(alice: Person, bob: Person): Promise<void> {
    await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
    await Promise.all([alice.hears(), bob.hears()]);
    await Promise.all([alice.isSure('media-bound'), bob.isSure('media-bound')]);
}

describe('A call of which a page is reloaded', () => {
    const pairs: readonly (readonly [BrowserName, BrowserName])[] = [
        ['firefox', 'chromium'],
        ['chromium', 'firefox'],
        ['firefox', 'firefox'],
    ];
    for (const [caller, callee] of pairs) {
        story(`goes on between ${caller} and ${callee}, whoever it is`, async (house) => {
            const { alice, bob } = await inACall(house, { caller: { browser: caller }, callee: { browser: callee } });
            await alice.reloads();
            await goesOn(alice, bob);
            await bob.reloads();
            await goesOn(alice, bob);
            await hangUp(alice, bob);
        });
    }

    story('on both sides at once goes on, again and again', async (house) => {
        const { alice, bob } = await inACall(house);
        for (let round = 0; round < 4; round++) {
            await Promise.all([alice.reloads(), bob.reloads()]);
            await goesOn(alice, bob);
            await until('each has one connection', async () => {
                const open = await Promise.all([alice.openConnections(), bob.openConnections()]);
                if (open.join() !== '1,1') throw new Error(open.join());
                return true;
            });
        }
        await alice.opensChatWith('bob');
        await hangUp(alice, bob);
        await alice.findsInHistory(/Outgoing call, 0:\d\d/u);
        expect((await alice.history()).length).toBe(1);
    });

    story('is muted, on hold and with video as it was', async (house) => {
        const { alice, bob } = await inACall(house, { kind: 'Video call' });
        await Promise.all([alice.sees(), bob.sees()]);
        await alice.presses('Mute');
        await bob.hearsSilence();
        await alice.reloads();
        await alice.isInCallWith('Bob');
        await alice.hasPressed('Mute', true);
        await Promise.all([alice.sees(), bob.sees(), bob.hearsSilence()]);
        await alice.presses('Mute');
        await bob.hears();
        await alice.presses('Hold');
        await Promise.all([alice.isTold('On hold'), bob.isTold('On hold')]);
        await alice.reloads();
        await Promise.all([alice.isTold('On hold'), bob.isTold('On hold'), bob.hearsSilence()]);
        await alice.presses('Hold');
        await Promise.all([alice.hears(), bob.hears(), alice.sees(), bob.sees()]);
        await hangUp(alice, bob);
    });

    story('goes on where nothing may be kept on the device', async (house) => {
        const settings = { persistent_store: 'sessionStorage', clear_cache_on_logout: true } as const;
        const { alice, bob } = await inACall(house, { caller: { settings } });
        const kept = await alice.frame.evaluate(() => {
            dispatchEvent(new PageTransitionEvent('pagehide'));
            return JSON.stringify(localStorage) + JSON.stringify(sessionStorage);
        });
        expect(kept).not.toContain(house.servers.user('alice').password);
        expect(await alice.frame.evaluate(() => JSON.stringify(localStorage))).not.toContain('remoteTag');
        await alice.reloads();
        await goesOn(alice, bob);
        await hangUp(alice, bob);
    });

    story('is not disturbed by a duplicated tab, which goes on with it when the first is closed', async (house) => {
        const { alice, bob } = await inACall(house);
        const invites = await bob.invites();
        // It comes with a copy of the session storage
        const [page] = await Promise.all([
            alice.context.waitForEvent('page'),
            alice.frame.evaluate(() => {
                dispatchEvent(new PageTransitionEvent('pagehide'));
                window.open(location.href);
            }),
        ]);
        const stateOf = () => page.evaluate(() => window.inside?.api.sip?.registration().state);
        await until('the duplicate is the second tab', async () => (await stateOf()) === 'elsewhere');
        await goesOn(alice, bob);
        expect(await bob.invites()).toBe(invites);
        await bindingsOf(house, 'alice', 1);
        await alice.closesTheTab();
        await until('it goes on there', async () => (await stateOf()) === 'registered');
        await until('Bob hears from there', async () => (await bob.invites()) > invites);
        await Promise.all([bob.isInCallWith('Alice'), bob.hears()]);
        await bob.presses('Hang up');
        await bob.isTold('Call ended');
        await page.close();
    });

    story('is over at once for a telephone that cannot be called back', async (house) => {
        const alice = await house.enter('alice', { browser: 'chromium on one network' });
        const dave = await startBaresip({
            user: house.servers.user('dave'),
            server: house.servers.sip,
            answerMode: 'auto',
        });
        try {
            for (const leave of [() => alice.reloads(), () => alice.closesTheTab()]) {
                await alice.script((api) => api.sip?.call('sip:dave@localhost'));
                await alice.isInCallWith('dave@localhost');
                const left = Date.now();
                await leave();
                await dave.waitFor(({ type }) => type === 'CALL_CLOSED');
                expect(Date.now() - left).toBeLessThan(5_000);
                if (alice.page.isClosed()) break;
                await alice.isRegistered();
                await alice.leavesNothing();
            }
        } finally {
            await dave.stop();
        }
    });

    story(
        'ends for the other side when nobody goes on with it',
        async (house) => {
            const { alice, bob } = await inACall(house);
            await alice.closesTheTab();
            await bob.isTold('Reconnecting…');
            await bob.isTold('The connection was lost', 40_000);
            await bob.leavesNothing();
        },
        90_000,
    );
});

describe('A call in a tab that is closed', () => {
    story('goes on in another one, which is registered within a second', async (house) => {
        const { alice, bob } = await inACall(house);
        const second = await house.enter('alice', { alongside: alice, until: 'online' });
        await second.isInCallWith('Bob');
        const registered = second.frame.evaluate(
            () =>
                new Promise<number>((resolve) => {
                    const channel = new BroadcastChannel('gone');
                    channel.onmessage = ({ timeStamp }) => {
                        const look = (): void => {
                            const state = window.inside?.api.sip?.registration().state;
                            if (state === 'registered') resolve(performance.now() - timeStamp);
                            else setTimeout(look, 5);
                        };
                        look();
                    };
                }),
        );
        await alice.frame.evaluate(() => {
            addEventListener('pagehide', () => new BroadcastChannel('gone').postMessage(null));
        });
        await alice.closesTheTab();
        const after = await registered;
        console.log(`    registered after ${after.toFixed()} ms`);
        expect(after).toBeLessThan(1_000);
        await goesOn(second, bob);
        await hangUp(second, bob);
    });
});

describe('Of three tabs', () => {
    story(
        'the one in which the person calls gets the registration, and one after the other the call',
        async (house) => {
            const alice = await house.enter('alice');
            const second = await house.enter('alice', { alongside: alice, until: 'online' });
            const third = await house.enter('alice', { alongside: alice, until: 'online' });
            const bob = await house.enter('bob');
            await Promise.all([second, third].map((tab) => tab.registrationBecomes('elsewhere')));
            await third.calls('bob');
            await bob.seesIncomingCallFrom('Alice');
            await bob.presses('Answer');
            await goesOn(third, bob);
            await Promise.all([alice, second].map((tab) => tab.isInCallWith('Bob')));
            await third.closesTheTab();
            await Promise.all([bob.hears(), second.isInCallWith('Bob'), alice.isInCallWith('Bob')]);
            const heir = (await second.openConnections()) > 0 ? second : alice;
            const last = heir === second ? alice : second;
            await goesOn(heir, bob);
            await heir.closesTheTab();
            await goesOn(last, bob);
            await hangUp(last, bob);
            await last.opensChatWith('bob');
            await last.findsInHistory(/Outgoing call, 0:\d\d/u);
            expect((await last.history()).length).toBe(1);
        },
    );
});
