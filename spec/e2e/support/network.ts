/**
 * A network of its own for one browser, whose cable can be pulled: a network namespace with a veth pair to this machine. What
 * the page reaches by loopback (the site, the servers) is passed on over that cable, so that addresses stay what they are.
 * Needs root and the programs `ip`, `unshare` and `nsenter`. Everything is gone with the process that holds the namespace.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchChromium } from './browsers.js';

/** A browser at the end of a cable. */
export interface Cable {
    readonly browser: Browser;
    /** Nothing comes through any more; whoever is connected is not told. */
    pull(): void;
    plug(): void;
    /** A second network, which has the default route and leads nowhere: a Wi-Fi without anything behind it. */
    addDeadEnd(): void;
    close(): Promise<void>;
}

/** Whether this machine lets us: else stories with a cable cannot be told here. */
export const hasCables = ((): boolean => {
    try {
        execFileSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
        return true;
    } catch {
        return false;
    }
})();

const OUTLET = path.join(path.dirname(fileURLToPath(import.meta.url)), 'outlet.mjs');

/** Listens at our end of the cable and passes on to loopback. */
async function passOn(host: string, port: number): Promise<Server> {
    const server = createServer((from) => {
        const to = connect({ port, host: '127.0.0.1' });
        from.pipe(to).pipe(from);
        for (const [one, other] of [
            [from, to],
            [to, from],
        ] as const)
            one.on('error', () => other.destroy()).on('close', () => other.destroy());
    });
    server.listen(port, host);
    await once(server, 'listening');
    return server;
}

/** Lays a cable over which a new Chromium reaches these ports of our loopback. */
export async function layCable(ports: readonly number[]): Promise<Cable> {
    const run = (...command: readonly [string, ...string[]]): void => {
        const [program, ...args] = command;
        execFileSync(program, args, { stdio: 'ignore' });
    };
    // Names and addresses that no other run on this machine has.
    const id = process.pid * 16 + Math.floor(Math.random() * 16);
    const net = `10.${String(64 + ((id >> 14) & 127))}.${String((id >> 6) & 255)}.`;
    const [ourIp, itsIp] = [1, 2].map((end) => `${net}${String(((id & 63) << 2) | end)}`) as [string, string];
    const ours = `sip-${String(id)}a`;
    const its = `sip-${String(id)}b`;
    const outlet = spawn(
        'setpriv',
        ['--pdeathsig', 'KILL', '--', 'unshare', '-n', process.execPath, OUTLET, ourIp, ports.join()],
        { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = String(outlet.pid);
    const inside = (...command: readonly string[]): void => {
        run('nsenter', '-t', pid, '-n', ...command);
    };
    const plug = (): void => {
        inside('ip', 'link', 'set', its, 'up');
        inside('ip', 'route', 'replace', 'default', 'via', ourIp);
    };
    const directory = mkdtempSync(path.join(tmpdir(), 'cable-'));
    const servers: Server[] = [];
    const close = async (): Promise<void> => {
        for (const server of servers) server.close();
        outlet.kill('SIGKILL');
        rmSync(directory, { recursive: true, force: true });
        if (outlet.exitCode === null && outlet.signalCode === null) await once(outlet, 'exit');
    };
    try {
        // It says when it is in its namespace
        await once(outlet.stdout, 'data');
        run('ip', 'link', 'add', ours, 'type', 'veth', 'peer', 'name', its, 'netns', pid);
        run('ip', 'addr', 'add', `${ourIp}/30`, 'dev', ours);
        run('ip', 'link', 'set', ours, 'up');
        inside('ip', 'addr', 'add', `${itsIp}/30`, 'dev', its);
        plug();
        for (const port of ports) servers.push(await passOn(ourIp, port));
        const program = path.join(directory, 'chromium');
        const chromium = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
        writeFileSync(program, `#!/bin/sh\nexec nsenter -t ${pid} -n ${chromium} "$@"\n`);
        chmodSync(program, 0o755);
        const browser = await launchChromium('chromium on one network', program);
        return {
            browser,
            pull: () => {
                inside('ip', 'link', 'set', its, 'down');
            },
            plug,
            addDeadEnd: () => {
                inside('ip', 'link', 'add', 'nowhere', 'type', 'veth', 'peer', 'name', 'nothing');
                inside('ip', 'addr', 'add', '198.18.0.1/24', 'dev', 'nowhere');
                for (const end of ['nowhere', 'nothing']) inside('ip', 'link', 'set', end, 'up');
                inside('ip', 'route', 'replace', 'default', 'via', '198.18.0.2');
            },
            close: async () => {
                await browser.close();
                await close();
            },
        };
    } catch (error) {
        await close();
        throw error;
    }
}
