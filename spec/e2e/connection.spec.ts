import { aliceAndBob, hangUp, inACall, type Two } from './support/calls.js';
import { bindingsOf, story, type House } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

/** How long after the server is there a person may be without it, in ms. */
const BOUND = 2_000;

/** When the server accepted a REGISTER of theirs after some time, in ms since the epoch. */
const registeredAfter = (person: Person, since: number): Promise<number> =>
    until(`${person.name} is registered again`, () =>
        person.frame.evaluate(
            (from) =>
                recorded.sip
                    .filter(({ method, status }) => method === 'REGISTER' && status === 200)
                    .map(({ at }) => performance.timeOrigin + at)
                    .find((at) => at >= from),
            since,
        ),
    );

/** Waits until somebody has looked for the server so often. */
const hasTried = (person: Person, attempts: number): Promise<true> =>
    until(`${person.name} has tried ${String(attempts)} times`, async () => {
        const registration = await person.script((api) => api.sip?.registration() as { attempt?: number });
        return (registration.attempt ?? 0) >= attempts;
    });

/** They are registered again within the bound of the moment at which the server is there. */
async function areBackSoon(house: House, { alice, bob }: Two, back: () => Promise<void> | void): Promise<void> {
    const before = Date.now();
    await back();
    const there = Date.now();
    for (const person of [alice, bob]) {
        const waited = (await registeredAfter(person, before)) - there;
        expect(waited).withContext(`ms until ${person.name} is registered again`).toBeLessThan(BOUND);
        await person.isRegistered();
        await bindingsOf(house, person.name, 1);
    }
}

const complaints = [/SIP-101/, /WebSocket connection to/, /establish a connection to the server/];

describe('Whoever uses this is registered again within 2 s of the SIP server being there', () => {
    story('after it died and was away for a while, in Chromium and in Firefox', async (house) => {
        const two = await aliceAndBob(house, {}, { browser: 'firefox' });
        for (const person of [two.alice, two.bob]) person.mayComplain(...complaints);
        await house.servers.kill('sip');
        await Promise.all([hasTried(two.alice, 15), hasTried(two.bob, 15)]);
        await areBackSoon(house, two, () => house.servers.start('sip'));
        await two.alice.opensChatWith('bob');
        await two.alice.canPress('Call');
    });

    story('after it was frozen during a call, which goes on', async (house) => {
        const two = await inACall(house, { callee: { browser: 'firefox' } });
        const { alice, bob } = two;
        for (const person of [alice, bob]) person.mayComplain(...complaints);
        house.servers.freeze('sip');
        await Promise.all([alice.registrationBecomes('offline'), bob.registrationBecomes('offline')]);
        await areBackSoon(house, two, () => house.servers.thaw('sip'));
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(alice, bob);
    });
});
