/** Calls that are up: where the stories about what happens in a call begin. */
import type { Entrance, House } from './house.js';
import type { Person } from './person.js';

/** How a call came about. */
export interface CallOptions {
    readonly kind?: 'Call' | 'Video call';
    readonly caller?: Entrance;
    readonly callee?: Entrance;
}

/** The two at the ends of a call. */
export interface Two {
    readonly alice: Person;
    readonly bob: Person;
}

/** Alice and Bob, each registered, not in a call. */
export async function aliceAndBob(house: House, caller: Entrance = {}, callee: Entrance = {}): Promise<Two> {
    const [alice, bob] = await Promise.all([house.enter('alice', caller), house.enter('bob', callee)]);
    return { alice, bob };
}

/** Alice calls Bob, Bob answers, and both are told that they are in a call. */
export async function inACall(house: House, { kind = 'Call', caller, callee }: CallOptions = {}): Promise<Two> {
    const two = await aliceAndBob(house, caller, callee);
    await connect(two, kind);
    return two;
}

/** Alice calls Bob, Bob answers. */
export async function connect({ alice, bob }: Two, kind: 'Call' | 'Video call' = 'Call'): Promise<void> {
    await alice.calls('bob', kind);
    await bob.seesIncomingCallFrom('Alice');
    await bob.presses(kind === 'Call' ? 'Answer' : 'Answer with video');
    await Promise.all([alice.isInCallWith('Bob'), bob.isInCallWith('Alice')]);
}

/** Somebody hangs up, and for both the call is over. */
export async function hangUp(who: Person, other: Person): Promise<void> {
    await who.presses('Hang up');
    await Promise.all([who.isTold('Call ended'), other.isTold('Call ended')]);
}

/** Hangs up a call whose other side is no person here. */
export async function hangUpAlone(who: Person): Promise<void> {
    await who.presses('Hang up');
    await who.isTold('Call ended');
}
