import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBaresip, startServers, type Baresip, type Endpoints, type Servers } from '../../servers/index.js';
import { parseBindings } from '../../servers/kamailio.js';
import { encodeNetstring, netstringDecoder } from '../../servers/netstring.js';
import { hangUp, inACall } from './support/calls.js';
import { story } from './support/house.js';
import { nothingIsLeftIn, nothingIsLeftOf, processesIn } from './support/left-behind.js';
import { PATIENCE, until } from './support/until.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** How long `npm start` may take where the bundles are older than the sources, in ms. */
const BUILD = 6 * PATIENCE;

/** Whether something listens at `host:port`. */
const answers = (address: string): Promise<boolean> =>
    new Promise((resolve) => {
        const [host = '', port = ''] = address.split(':');
        const socket = connect({ host, port: Number(port) });
        socket.once('connect', () => {
            socket.destroy();
            resolve(true);
        });
        socket.once('error', () => resolve(false));
    });

/** A command of the project as a child process, with what it says. */
class Command {
    stdout = '';
    stderr = '';
    readonly ended: Promise<number | null>;
    readonly child: ChildProcess;

    /** Ends all that still run. */
    static async endAll(): Promise<void> {
        const all = Command.all.splice(0);
        for (const { child } of all) child.kill('SIGTERM');
        await Promise.all(all.map(({ ended }) => ended));
    }

    private static readonly all: Command[] = [];

    constructor(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
        this.child = spawn(process.execPath, [path.join(root, 'scripts', script), ...args], {
            cwd: '/',
            env: { ...process.env, npm_lifecycle_event: undefined, ...env },
        });
        this.child.stdout?.setEncoding('utf8').on('data', (data: string) => (this.stdout += data));
        this.child.stderr?.setEncoding('utf8').on('data', (data: string) => (this.stderr += data));
        this.ended = new Promise((resolve) => this.child.once('exit', resolve));
        Command.all.push(this);
    }

    /** Resolves with the directory of its servers once they run. Where sources have changed, it builds first. */
    async directory(): Promise<string> {
        const [, directory] = await until('the servers run', () => /ogs: (\/.*)/u.exec(this.stderr), BUILD);
        return directory ?? '';
    }
}

describe('npm run servers', () => {
    let command: Command;
    let directory: string;

    beforeEach(async () => {
        command = new Command('servers.mjs');
        directory = await command.directory();
    });

    afterEach(async () => {
        await Command.endAll();
        await nothingIsLeftOf(directory);
    });

    it('prints one line of JSON that says all one needs to use them, and stays', async () => {
        expect(command.stdout).toMatch(/^\{.*\}\n$/u);
        const { xmpp, sip, turn, users } = JSON.parse(command.stdout) as Endpoints;
        expect(xmpp.domain).toBe('localhost');
        expect(xmpp.websocket).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/xmpp-websocket$/u);
        expect(sip.domain).toBe('localhost');
        expect(sip.websocket).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/u);
        expect(sip.udp).toBe(sip.tcp);
        expect(turn.url).toMatch(/^turn:127\.0\.0\.1:\d+$/u);
        expect(users.map(({ name, jid, sip }) => [name, jid, sip])).toEqual([
            ['alice', 'alice@localhost', 'sip:alice@localhost'],
            ['bob', 'bob@localhost', 'sip:bob@localhost'],
            ['carol', 'carol@localhost', 'sip:carol@localhost'],
            ['dave', null, 'sip:dave@localhost'],
        ]);
        expect(new Set(users.map(({ password }) => password)).size).toBe(4);
        for (const address of [xmpp.c2s, sip.tcp, turn.url.slice('turn:'.length)]) {
            expect(await answers(address))
                .withContext(address)
                .toBeTrue();
        }
        expect(command.child.exitCode).toBeNull();
    });

    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        it(`leaves nothing behind at ${signal}`, async () => {
            command.child.kill(signal);
            expect(await command.ended).toBe(0);
            await nothingIsLeftOf(directory);
        });
    }

    it('leaves nothing behind when it is killed hard, not even a server that is frozen', async () => {
        const kamailio = readFileSync(path.join(directory, 'kamailio/kamailio.pid'), 'utf8');
        process.kill(-Number(kamailio), 'SIGSTOP');
        command.child.kill('SIGKILL');
        await nothingIsLeftOf(directory);
    });
});

describe('npm start', () => {
    afterEach(() => Command.endAll());

    it(
        'prints where to open the demo, at the PORT that is wished, and leaves nothing behind at Ctrl-C',
        async () => {
            const command = new Command('start.mjs');
            const directory = await command.directory();
            const [, port = ''] = await until('the address', () =>
                /^Open http:\/\/localhost:(\d+)\/$/mu.exec(command.stdout),
            );
            expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);

            // It does not say where its servers lie: whatever it makes is made here.
            const room = mkdtempSync(path.join(tmpdir(), 'converse-sip-room-'));
            const second = new Command('start.mjs', [], { PORT: port, TMPDIR: room });
            expect(await second.ended).toBe(1);
            expect(second.stderr).toContain(`Port ${port} is in use`);
            await nothingIsLeftIn(room);
            rmSync(room, { recursive: true });

            command.child.kill('SIGINT');
            await command.ended;
            await nothingIsLeftOf(directory);

            const third = new Command('start.mjs', [], { PORT: port });
            await until('the address', () => third.stdout.includes(`Open http://localhost:${port}/`), BUILD);
            const another = await third.directory();
            third.child.kill('SIGKILL');
            await nothingIsLeftOf(another);
        },
        4 * BUILD,
    );

    it(
        'uses servers that exist where it is told to',
        async () => {
            const command = new Command('start.mjs', [], {
                XMPP_WEBSOCKET: 'ws://127.0.0.1:1/xmpp-websocket',
                SIP_SERVER: 'ws://127.0.0.1:2',
                XMPP_DOMAIN: 'chat.example',
                DEMO_USERS: 'ann:a:b,ben:c',
            });
            const [, port = ''] = await until('the address', () => /localhost:(\d+)\//u.exec(command.stdout), BUILD);
            expect(await (await fetch(`http://127.0.0.1:${port}/people`)).json()).toEqual(['ann', 'ben']);
        },
        2 * BUILD,
    );

    it('says what is missing to use servers that exist', async () => {
        const command = new Command('start.mjs', [], { SIP_SERVER: 'ws://127.0.0.1:2' });
        expect(await command.ended).toBe(1);
        expect(command.stderr).toContain('XMPP_WEBSOCKET');
        expect(command.stderr).toContain('DEMO_USERS');
    });
});

describe('Set-up', () => {
    it('does nothing the second time', async () => {
        const command = new Command('setup.mjs', ['test']);
        expect(await command.ended).toBe(0);
        expect(command.stderr).toBe('');
        expect(command.stdout).toBe('');
    });
});

describe('The servers', () => {
    let servers: Servers;

    beforeAll(async () => {
        servers = await startServers({ label: 'spec' });
    });

    afterAll(async () => {
        await servers.stop();
    });

    it('keep their ports and their data over a restart', async () => {
        for (const server of ['xmpp', 'sip', 'turn'] as const) await servers.restart(server);
        expect(await answers(servers.xmpp.c2s)).toBeTrue();
        expect(await answers(servers.sip.tcp)).toBeTrue();
        const roster = readFileSync(path.join(servers.directory, 'prosody/data/localhost/roster/alice.dat'), 'utf8');
        expect(roster).toContain('bob@localhost');
        expect(roster).toContain('carol@localhost');
    });

    it('can be killed one by one, with every process of theirs, and started again', async () => {
        await servers.kill('sip');
        expect(servers.isRunning('sip')).toBeFalse();
        expect(await answers(servers.sip.tcp)).toBeFalse();
        expect(processesIn(path.join(servers.directory, 'kamailio'))).toEqual([]);
        expect(await answers(servers.xmpp.c2s)).toBeTrue();
        await servers.start('sip');
        expect(await servers.bindings()).toEqual([]);
    });

    it('answer nothing while they are frozen', async () => {
        servers.freeze('sip');
        await expectAsync(servers.bindings()).toBeRejected();
        servers.thaw('sip');
        expect(await until('it answers again', () => servers.bindings())).toEqual([]);
    });
});

describe('The TURN server', () => {
    story(
        'carries a call of two who hide their addresses, with the passwords that the XMPP server hands out',
        async (house) => {
            const settings = { sip_ice_policy: 'relay' };
            const { alice, bob } = await inACall(house, { caller: { settings }, callee: { settings } });
            await Promise.all([alice.hears(), bob.hears()]);
            for (const { frame } of [alice, bob]) {
                const kinds = await frame.evaluate(async () => {
                    const found = new Set<string>();
                    for (const peer of recorded.connections) {
                        const report = await peer.getStats();
                        report.forEach((entry: { type: string; candidateType?: string }) => {
                            if (entry.type === 'local-candidate') found.add(entry.candidateType ?? '');
                        });
                    }
                    return [...found];
                });
                expect(kinds).toEqual(['relay']);
            }
            await hangUp(alice, bob);
        },
    );
});

describe('The plain telephone', () => {
    let servers: Servers;
    const telephones: Baresip[] = [];

    const telephone = async (name: string, options: Partial<Parameters<typeof startBaresip>[0]> = {}) => {
        const started = await startBaresip({ user: servers.user(name), server: servers.sip, ...options });
        telephones.push(started);
        return started;
    };

    beforeAll(async () => {
        servers = await startServers({ label: 'spec' });
    });

    afterEach(async () => {
        await Promise.all(telephones.splice(0).map((each) => each.stop()));
    });

    afterAll(async () => {
        await servers.stop();
    });

    it('calls another, hears it, and sends digits', async () => {
        const dave = await telephone('dave', { answerMode: 'auto' });
        const carol = await telephone('carol');
        expect((await servers.bindings()).map(({ user }) => user).sort()).toEqual(['carol', 'dave']);
        await carol.command('dial', 'sip:dave@localhost');
        await carol.waitFor(({ type }) => type === 'CALL_ESTABLISHED');
        await until('both hear something', () => dave.loudness() > 0.1 && carol.loudness() > 0.1);
        await carol.command('sndcode', '5');
        await dave.waitFor(({ type, param }) => type === 'CALL_DTMF_START' && param === '5');
        await carol.command('hangup');
        await dave.waitFor(({ type }) => type === 'CALL_CLOSED');
    });

    it('cannot register with a wrong password', async () => {
        const user = { ...servers.user('dave'), password: 'wrong' };
        await expectAsync(startBaresip({ user, server: servers.sip })).toBeRejectedWithError(/may not register/u);
        expect(await servers.bindings()).toEqual([]);
    });

    it('says which command it refuses', async () => {
        const dave = await telephone('dave');
        await expectAsync(dave.command('nonsense')).toBeRejectedWithError(/refuses "nonsense/u);
    });
});

describe('Netstrings', () => {
    it('are put together from pieces of any size', () => {
        const bytes = Buffer.concat([encodeNetstring('héllo'), encodeNetstring(''), encodeNetstring('{"a":1}')]);
        const decode = netstringDecoder();
        const texts = [...bytes].flatMap((byte) => decode(Buffer.from([byte])));
        expect(texts).toEqual(['héllo', '', '{"a":1}']);
        expect(netstringDecoder()(bytes)).toEqual(texts);
    });

    for (const wrong of ['hello,', '99999999999:', '-1:,', '3:abcd', '1e3:x,']) {
        it(`are not "${wrong}"`, () => {
            expect(() => netstringDecoder()(Buffer.from(`${wrong}                `))).toThrowError('Not a netstring');
        });
    }
});

describe('The bindings of the SIP server', () => {
    it('are none in an answer of another shape', () => {
        for (const answer of [null, [], 'x', 7, { Domains: 'x' }, { Info: [1] }, { Info: { Contacts: null } }]) {
            expect(parseBindings(answer)).toEqual([]);
        }
    });
});
