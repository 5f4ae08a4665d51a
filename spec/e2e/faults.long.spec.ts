import { setTimeout as delay } from 'node:timers/promises';
import { aliceAndBob, connect, hangUp, type Two } from './support/calls.js';
import { story, type House } from './support/house.js';
import { hasCables, type Cable } from './support/network.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

/** What the plugin and the browser say on the console of a server that is away. */
const AWAY = [/SIP-101/, /WebSocket connection to/, /establish a connection to the server/, /ERR_/];

/** How long it may take until all is well again or over, in ms: 35 s after the last packet the call has ended at most. */
const SETTLED = 36_000;

/** Who is in the story, and what they are connected by. */
interface Scene extends Two {
    readonly house: House;
    /** Alice's. */
    readonly cable: Cable | null;
}

/** Something goes wrong, and is put right again. */
interface Fault {
    readonly title: string;
    /** Alice is at the end of a cable. */
    readonly cable?: true;
    happens(scene: Scene): Promise<void>;
}

const pulled = (seconds: number): Fault => ({
    title: `the network of one side is gone for ${String(seconds)} s`,
    cable: true,
    happens: async ({ cable }) => {
        cable?.pull();
        await delay(seconds * 1000);
        cable?.plug();
    },
});

const FAULTS: readonly Fault[] = [
    {
        title: 'the SIP server is restarted',
        happens: async ({ house }) => {
            await house.servers.kill('sip');
            await delay(500);
            await house.servers.start('sip');
        },
    },
    {
        title: 'the SIP server is frozen for 5 s',
        happens: async ({ house }) => {
            house.servers.freeze('sip');
            await delay(5000);
            house.servers.thaw('sip');
        },
    },
    {
        title: 'the XMPP server is restarted',
        happens: async ({ house }) => {
            await house.servers.restart('xmpp');
        },
    },
    pulled(1),
    pulled(10),
];

/** How far a call is when it happens. */
interface Phase {
    readonly title: string;
    /** Brings them there. @returns what is left to be done while it happens */
    begins(scene: Scene, caller: Person, callee: Person): Promise<() => Promise<void>>;
    /** The call goes on: else it may end, for both. */
    readonly survives: boolean;
    /** Whether sound flows in it. */
    readonly silent?: true;
}

const PHASES: readonly Phase[] = [
    {
        title: 'while it rings',
        survives: false,
        begins: async (_, caller, callee) => {
            await caller.calls(callee.name);
            await callee.seesIncomingCallFrom(nameOf(caller));
            return () => Promise.resolve();
        },
    },
    {
        title: 'while it is answered',
        survives: false,
        begins: async (_, caller, callee) => {
            await caller.calls(callee.name);
            await callee.seesIncomingCallFrom(nameOf(caller));
            return () => callee.presses('Answer');
        },
    },
    {
        title: 'while they talk',
        survives: true,
        begins: async (scene) => {
            await connect(scene);
            return () => Promise.resolve();
        },
    },
    {
        title: 'while it is on hold',
        survives: true,
        silent: true,
        begins: async (scene, caller) => {
            await connect(scene);
            await caller.presses('Hold');
            await Promise.all([scene.alice.isTold('On hold'), scene.bob.isTold('On hold')]);
            return () => Promise.resolve();
        },
    },
];

const nameOf = ({ name }: Person): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Alice, whose network can be cut where that is wanted, and Bob. */
async function enter(house: House, withCable: boolean): Promise<Scene> {
    const cable = withCable ? await house.cable() : null;
    const two = await aliceAndBob(house, cable ? { browser: cable.browser } : {});
    for (const person of [two.alice, two.bob]) person.mayComplain(...AWAY);
    return { ...two, house, cable };
}

/** The states of somebody's calls that are not over. */
const callsOf = (person: Person): Promise<readonly string[]> =>
    person.script((api) => (api.sip?.calls() ?? []).map(({ state }) => state.name).filter((name) => name !== 'ended'));

/** Either both are in the call and hear each other, or it is over for both. @returns whether it goes on */
const settles = (two: Two, silent: boolean): Promise<'on' | 'over'> =>
    until(
        'both are in the call, or neither is',
        async () => {
            const states = await Promise.all([callsOf(two.alice), callsOf(two.bob)]);
            if (states.every((each) => each.length === 0)) return 'over';
            if (!states.every((each) => each.join() === 'active')) throw new Error(JSON.stringify(states));
            if (!silent) await Promise.all([two.alice.hears(), two.bob.hears()]);
            return 'on';
        },
        SETTLED,
    );

/** Registered, at whatever server and however well that answers. */
const canCall = (person: Person): Promise<boolean> =>
    until(`${person.name} can call`, async () => /^(?:registered|degraded)$/u.test(await person.registration()));

/** It is over for both, nothing is left, and the next call is as good as any. */
async function allIsWell(scene: Scene): Promise<void> {
    const { alice, bob } = scene;
    await Promise.all([alice.leavesNothing(), bob.leavesNothing()]);
    await Promise.all([alice.isOnline(), bob.isOnline(), ...[alice, bob].map(canCall)]);
    await connect(scene);
    await Promise.all([alice.hears(), bob.hears()]);
    await hangUp(bob, alice);
}

describe('A call, whatever happens', () => {
    for (const fault of FAULTS) {
        for (const phase of PHASES) {
            story(
                `${phase.title}: ${fault.title}`,
                async (house) => {
                    if (fault.cable && !hasCables) {
                        pending('needs root, ip and unshare');
                        return;
                    }
                    const scene = await enter(house, fault.cable === true);
                    const { alice, bob } = scene;
                    const act = await phase.begins(scene, alice, bob);
                    await Promise.all([act(), fault.happens(scene)]);
                    const rings = (await callsOf(bob)).includes('incoming');
                    // Or they think better of it at that very moment.
                    if (rings) await bob.presses('Answer').catch(() => undefined);
                    const outcome = await settles(scene, phase.silent === true);
                    if (phase.survives) expect(outcome).toBe('on');
                    if (outcome === 'on') await hangUp(alice, bob);
                    await allIsWell(scene);
                },
                150_000,
            );
        }
    }

    story(
        'can be answered although the network of whoever is called was gone while it rang',
        async (house) => {
            if (!hasCables) {
                pending('needs root, ip and unshare');
                return;
            }
            const scene = await enter(house, true);
            const { alice, bob, cable } = scene;
            await bob.calls('alice');
            await alice.seesIncomingCallFrom('Bob');
            cable?.pull();
            await until('alice is off line', async () => (await alice.registration()) !== 'registered');
            cable?.plug();
            await canCall(alice);
            await alice.presses('Answer');
            expect(await settles(scene, false)).toBe('on');
            await hangUp(alice, bob);
        },
        150_000,
    );

    for (const withCable of [false, true]) {
        story(
            `goes on where nobody gets a GRUU, after ${withCable ? 'the network of one side was gone' : 'a restart of the SIP server'}`,
            async (house) => {
                if (withCable && !hasCables) {
                    pending('needs root, ip and unshare');
                    return;
                }
                const scene = await enter(house, withCable);
                const { alice, bob } = scene;
                await connect(scene);
                await (withCable ? pulled(12) : FAULTS[0])?.happens(scene);
                await Promise.all([canCall(alice), canCall(bob)]);
                // One re-INVITE leads nowhere, and another one; what goes on then is another dialog.
                await until('one of them went on by another INVITE', async () => {
                    const messages = [...(await alice.sip()), ...(await bob.sip())];
                    return messages.some(({ status, text }) => status === null && /^Replaces:/mu.test(text));
                });
                expect(await settles(scene, false)).toBe('on');
                await hangUp(bob, alice);
                await allIsWell(scene);
            },
            { patience: 150_000, servers: { givesNoGruu: true } },
        );
    }

    story(
        'goes on after 28 s without the network of one side',
        async (house) => {
            if (!hasCables) {
                pending('needs root, ip and unshare');
                return;
            }
            const scene = await enter(house, true);
            const { alice, bob } = scene;
            await connect(scene);
            await pulled(28).happens(scene);
            expect(await settles(scene, false)).toBe('on');
            await hangUp(bob, alice);
            await allIsWell(scene);
        },
        150_000,
    );

    for (const where of ['while they talk', 'while it is on hold'] as const) {
        story(
            `${where}: the network of one side is gone for good, and 35 s after the last packet it is over for both`,
            async (house) => {
                if (!hasCables) {
                    pending('needs root, ip and unshare');
                    return;
                }
                const scene = await enter(house, true);
                const { alice, bob, cable } = scene;
                await connect(scene);
                if (where === 'while it is on hold') {
                    await bob.presses('Hold');
                    await alice.isTold('On hold');
                }
                cable?.pull();
                await Promise.all(
                    [alice, bob].map(async (person) => {
                        await person.isTold('The connection was lost', 35_000);
                        expect(await person.liveTracks()).toEqual([]);
                        expect(await person.openConnections()).toBe(0);
                    }),
                );
                cable?.plug();
                await allIsWell(scene);
            },
            150_000,
        );
    }
});
