import { renameSync } from 'node:fs';
import path from 'node:path';
import { hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import type { Person } from './support/person.js';
import { until } from './support/until.js';

const chatIs = (person: Person, connected: boolean): Promise<true> =>
    until(`the chat of ${person.name} is ${connected ? 'there' : 'gone'}`, async () => {
        return (await person.script((api) => api.connection.connected() === true)) === connected;
    });

const complaints = [/WebSocket connection to/, /establish a connection to the server/];

describe('A call goes on without chat', () => {
    story('while the XMPP server dies and comes back; contacts are told again', async (house) => {
        const { alice, bob } = await inACall(house);
        for (const person of [alice, bob]) person.mayComplain(...complaints);
        await house.servers.kill('xmpp');
        await Promise.all([chatIs(alice, false), chatIs(bob, false)]);
        await Promise.all([alice.hears(), bob.hears()]);
        await house.servers.start('xmpp');
        await Promise.all([chatIs(alice, true), chatIs(bob, true)]);
        await alice.seesOnThePhone('bob');
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(alice, bob);
    });

    story('where Converse gives up and asks to sign in: who does so is back in the call', async (house) => {
        const { alice, bob } = await inACall(house);
        for (const person of [alice, bob]) person.mayComplain(...complaints);
        // The server is back before its accounts are.
        const account = path.join(house.servers.directory, 'prosody/data/localhost/accounts/alice.dat');
        await house.servers.kill('xmpp');
        renameSync(account, `${account}.away`);
        await house.servers.start('xmpp');
        const signIn = alice.frame.getByRole('button', { name: 'Log in' });
        await signIn.waitFor();
        await alice.screenshot('call-without-chat');
        await alice.isInCallWith('Bob');
        // With the keyboard: the card is on its way to where there is room now.
        await alice.anyCall.getByRole('button', { name: 'Mute' }).press('Enter');
        await alice.anyCall.getByRole('button', { name: 'Mute', pressed: true }).press('Enter');
        await Promise.all([alice.hears(), bob.hears()]);
        renameSync(`${account}.away`, account);
        const { jid, password } = house.servers.user('alice');
        await alice.frame.getByLabel('XMPP Address').fill(jid ?? '');
        await alice.frame.getByLabel('Password').fill(password);
        await signIn.click();
        await chatIs(alice, true);
        await alice.isInCallWith('Bob');
        await Promise.all([alice.hears(), bob.hears()]);
        await hangUp(alice, bob);
        await alice.isRegistered();
    });
});
