import { SDP } from './support/media.js';
import { TestPhone } from './support/phone.js';

const CONTACT = 'Contact: <sip:bob@server.invalid;transport=ws>';

describe('Tags, branches and Call-IDs', () => {
    it('come from the cryptographic source: nothing of the agent ever asks Math.random', async () => {
        const dice = spyOn(Math, 'random').and.callThrough();
        const phone = new TestPhone();
        const { server } = phone;
        await phone.register();

        const dialog = await phone.talk();
        phone.send({ type: 'hold', callId: dialog.callId, on: true });
        server.reply(await server.request('INVITE'), 200, [CONTACT], SDP);
        await server.request('ACK');
        dialog.request('INVITE', { body: SDP });
        dialog.request('INVITE', { body: SDP });
        expect((await server.response('INVITE', 500)).header('Retry-After')).toMatch(/^(?:\d|10)$/u);
        phone.send({ type: 'hang-up', callId: dialog.callId });
        server.reply(await server.request('BYE'), 200);

        const cancelled = phone.dial();
        server.reply(await server.request('INVITE'), 180);
        await phone.reaches(cancelled, 'ringing');
        phone.send({ type: 'hang-up', callId: cancelled });
        server.reply(await server.request('CANCEL'), 200);

        const refused = phone.dial();
        server.reply(await server.request('INVITE'), 486);
        await server.request('ACK');
        await phone.reaches(refused, 'ended');

        await phone.answered();
        phone.send({ type: 'probe', probeId: 'p', to: 'sip:bob@example.net' });
        await server.request('OPTIONS');
        for (const method of ['OPTIONS', 'MESSAGE', 'REFER', 'BYE', 'PRACK', 'INFO']) server.sendRequest({ method });
        await server.response('INFO', 405);
        await phone.agent.stop();
        phone.end();

        expect(dice).not.toHaveBeenCalled();
        const branches = server.received.map(({ text }) => /^Via: .*;branch=z9hG4bK([\w-]*)/mu.exec(text)?.[1] ?? '');
        const ours = branches.filter((branch) => !branch.startsWith('server'));
        expect(ours.length).toBeGreaterThan(10);
        for (const branch of ours) expect(branch).toMatch(/^[0-9a-f-]{20,36}$/u);
    });
});
