/**
 * How long a call takes: ours, bare sip.js (`SimpleUser`), JsSIP and two bare peer connections (the floor), with the same
 * servers, one after the other in turns, so that whatever slows the machine slows them all.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { createCoturn } from '../servers/coturn.js';
import { createGuard } from '../servers/guard.js';
import { freePort } from '../servers/ports.js';
import { startServers, type Servers } from '../servers/index.js';
import { newProfile, type BrowserName } from '../spec/e2e/support/browsers.js';
import { pageScript } from './bundles.js';
import { relayTcp, relayUdp, type Line, type Relay } from './relay.js';
import type { End } from './page/subject.js';

/** Who is measured; the floor last. */
export const SUBJECTS = ['ours', 'sipJs', 'jsSip', 'floor'] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** What is measured, in ms. */
export const MEASURES = ['invite', 'ring', 'media'] as const;
export type Measure = (typeof MEASURES)[number];

/** Each run of each subject. */
export type Runs = Readonly<Record<SubjectName, readonly Readonly<Record<Measure, number>>[]>>;

/** The network and the servers for media. */
export interface Scenario {
    readonly name: string;
    readonly calls: number;
    readonly ice: 'none' | 'dead STUN' | 'TURN only';
    readonly line?: Line;
    /** Whoever would only wait there. */
    readonly fewer?: Partial<Record<SubjectName, number>>;
}

/** How long a call may take before it counts as lost, in ms. */
const PATIENCE = 90_000;

const SIP_USERS: Readonly<Record<SubjectName, readonly [string, string]>> = {
    ours: ['alice', 'bob'],
    sipJs: ['sip-js-1', 'sip-js-2'],
    jsSip: ['jssip-1', 'jssip-2'],
    floor: ['floor-1', 'floor-2'],
};

/** The servers of all scenarios. */
export interface Hall {
    readonly servers: Servers;
    /** Pages of the bench, in a browser profile of their own. @param before runs in each before anything else */
    open(browser: BrowserName, before?: () => void): Promise<() => Promise<Page>>;
    /** Servers for media, and what has to be closed afterwards. */
    prepare(scenario: Scenario): Promise<{ end: Omit<End, 'user' | 'password' | 'delay'>; readonly close: () => void }>;
    close(): Promise<void>;
}

/** Starts everything that a bench of calls needs. */
export async function openHall(): Promise<Hall> {
    const script = await pageScript();
    const pages = createServer((request, response) => {
        const isScript = request.url === '/page.js';
        response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
        response.end(isScript ? script : '<!doctype html><title>Bench</title><body><script src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const url = `http://bench.localhost:${String((pages.address() as AddressInfo).port)}/`;
    const strangers = Object.values(SIP_USERS)
        .flat()
        .filter((name) => name.includes('-'));
    const servers = await startServers({ label: 'bench', strangers });
    const guard = createGuard('bench-turn');
    const turn = { port: await freePort(), secret: randomBytes(16).toString('hex') };
    const coturn = createCoturn({ directory: path.join(guard.directory, 'coturn'), turn }, guard);
    await coturn.start();
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));

    const turnServer = (port: number): RTCIceServer => {
        // draft-uberti-behave-turn-rest
        const username = `${String(Math.floor(Date.now() / 1000) + 86_400)}:bench`;
        const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
        return { urls: `turn:127.0.0.1:${String(port)}?transport=udp`, username, credential };
    };
    return {
        servers,
        open: async (browser, before) => {
            const context = await newProfile(browser, {});
            // The compiler of TypeScript that we run with marks functions by a helper, which a page has not.
            await context.addInitScript('window.__name = (named) => named');
            if (before) await context.addInitScript(before);
            return async () => {
                const page = await context.newPage();
                await page.goto(url);
                return page;
            };
        },
        prepare: async ({ ice, line }) => {
            const relays: Relay[] = [];
            const { websocket, domain } = servers.sip;
            let server = websocket;
            let { port } = turn;
            if (line !== undefined) {
                const sip = await relayTcp(Number(new URL(websocket).port), line);
                const udp = await relayUdp(port, line);
                relays.push(sip, udp);
                server = websocket.replace(/:\d+/u, `:${String(sip.port)}`);
                ({ port } = udp);
            }
            const dead = { urls: `stun:127.0.0.1:${String(silent.address().port)}` };
            const iceServers = ice === 'none' ? [] : ice === 'dead STUN' ? [dead] : [turnServer(port)];
            return {
                end: { server, domain, iceServers, icePolicy: ice === 'TURN only' ? 'relay' : 'all' },
                close: () => relays.forEach((relay) => relay.close()),
            };
        },
        close: async () => {
            silent.close();
            pages.close();
            pages.closeAllConnections();
            await coturn.stop();
            await guard.close();
            await servers.stop();
        },
    };
}

function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`${what}: nothing for ${String(PATIENCE)} ms`)), PATIENCE);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Two ends of one subject that can call each other. */
export async function ends(
    hall: Hall,
    subject: SubjectName,
    scenario: Scenario,
    network: Omit<End, 'user' | 'password' | 'delay'>,
    before?: () => void,
): Promise<Page[]> {
    const open = await hall.open('chromium', before);
    return Promise.all(
        SIP_USERS[subject].map(async (user) => {
            const page = await open();
            const { password } = hall.servers.user(user);
            const end: End = { ...network, user, password, delay: 2 * (scenario.line?.delay ?? 0) };
            await inTime(
                `${subject} registers`,
                page.evaluate(([name, given]) => window.end.start(name, given), [subject, end] as const),
            );
            return page;
        }),
    );
}

/** One call from end to end. */
export async function callOnce(
    subject: SubjectName,
    [caller, callee]: readonly Page[],
): Promise<Record<Measure, number>> {
    if (!caller || !callee) throw new Error('two ends are needed');
    const user = SIP_USERS[subject][1];
    await Promise.all([caller, callee].map((page) => page.evaluate(() => window.end.forget())));
    const rings = callee.evaluate(() => window.end.ring());
    const clicked = await caller.evaluate((name) => window.end.call(name), user);
    const rang = await inTime(`${subject} rings`, rings);
    const invited = await caller.evaluate(() => window.end.invite());
    const answered = await callee.evaluate(() => window.end.answer());
    const media = await inTime(
        `${subject} hears`,
        Promise.all([caller, callee].map((page) => page.evaluate(() => window.end.media()))),
    );
    const over = Promise.all([caller, callee].map((page) => page.evaluate(() => window.end.ended())));
    await caller.evaluate(() => window.end.hangUp());
    await inTime(`${subject} ends`, over);
    return { invite: (invited ?? NaN) - clicked, ring: rang - clicked, media: Math.max(...media) - answered };
}

/** Measures one scenario. The first call of each is not counted: it loads what all later ones have. */
export async function measure(hall: Hall, scenario: Scenario): Promise<Runs> {
    const { end, close } = await hall.prepare(scenario);
    const pages = new Map<SubjectName, Page[]>();
    for (const subject of SUBJECTS) pages.set(subject, await ends(hall, subject, scenario, end));
    const runs: Record<SubjectName, Record<Measure, number>[]> = { ours: [], sipJs: [], jsSip: [], floor: [] };
    for (let turn = 0; turn <= scenario.calls; turn += 1) {
        for (const subject of SUBJECTS) {
            if (turn > (scenario.fewer?.[subject] ?? Infinity)) continue;
            const began = Date.now();
            const run = await callOnce(subject, pages.get(subject) ?? []);
            if (Date.now() - began > 5000) process.stderr.write(`  ${subject}: ${String(Date.now() - began)} ms\n`);
            if (turn > 0) runs[subject].push(run);
        }
    }
    for (const [page] of pages.values()) await page?.context().close();
    close();
    return runs;
}
