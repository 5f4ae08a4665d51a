/** A flood of calls at somebody's telephone, and what it is like to chat and to be called by a friend meanwhile. */
import { call } from '../../../servers/index.js';
import { aliceAndBob } from './calls.js';
import type { House } from './house.js';
import type { Person } from './person.js';
import { until } from './until.js';

/** How many times later than on the page of a friend, which no flood reaches, a timer may be; and what nobody notices, in ms. */
const TIMES = 6;
const UNNOTICED = 20;

/** Watches how late a timer of the page is. @returns says what it is not more than 19 times of 20 (ms) */
async function watchResponsiveness(person: Person): Promise<() => Promise<number>> {
    await person.frame.evaluate(() => {
        const delays: number[] = [];
        let last = performance.now();
        setInterval(() => {
            const now = performance.now();
            delays.push(now - last - 10);
            last = now;
        }, 10);
        Object.assign(window, { delays });
    });
    return () =>
        person.frame.evaluate(() => {
            const delays = (window as unknown as { delays: number[] }).delays.sort((a, b) => a - b);
            return delays[Math.floor(delays.length * 0.95)] ?? Infinity;
        });
}

/** Strangers call Alice without end, while she chats and Bob calls her. */
export async function storyOfAFlood(
    house: House,
    flood: { readonly calls: number; readonly rate: number },
): Promise<void> {
    const { alice, bob } = await aliceAndBob(house);
    alice.mayComplain(/SIP-107/u);
    await Promise.all([alice.opensChatWith('bob'), bob.opensChatWith('alice')]);
    await bob.canPress('Call');
    // Known is whoever the address book lists
    await alice.canPress('Call');
    const [lateness, elsewhere] = await Promise.all([alice, bob].map(watchResponsiveness));
    const strangers = await house.device(
        call({ from: '"You have won" <sip:mallory@elsewhere.example>', to: 'sip:alice@localhost' }),
        { flood },
    );
    let over = false;
    void strangers.ended.then(() => (over = true));
    await alice.seesIncomingCallFrom('mallory@elsewhere.example');
    await alice.writes('somebody calls and calls');
    await bob.reads('somebody calls and calls');
    const rings = alice.frame.getByRole('alertdialog');
    expect(await rings.count()).toBe(1);

    await bob.presses('Call');
    await alice.seesIncomingCallFrom('Bob');
    expect(await rings.count()).toBe(1);
    await alice.presses('Answer');
    await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
    await alice.writes('but you got through');
    await bob.reads('but you got through');

    // All of them had an answer.
    await until('the flood is over', () => over, 30_000);
    expect(await rings.count()).toBe(0);
    const [late = Infinity, usual = 0] = await Promise.all([lateness?.(), elsewhere?.()]);
    expect(late).toBeLessThan(TIMES * Math.max(usual, UNNOTICED));
    await Promise.all([alice.hears(), bob.hears()]);
    await alice.presses('Hang up');
    await bob.isTold('Call ended');
}
