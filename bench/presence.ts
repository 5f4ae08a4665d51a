/**
 * What the plugin adds to a presence stanza that comes in, and to the memory a contact takes: two pages of Converse with the
 * same roster, one with the plugin, in turns.
 */
import type { CDPSession, Page } from 'playwright-core';
import { startServers, type Servers } from '../servers/index.js';
import { credentialsOf, usualSettings } from '../spec/e2e/support/house.js';
import { newProfile } from '../spec/e2e/support/browsers.js';
import { openSite, type Site } from '../spec/e2e/support/site.js';
import { median } from './figures.js';

/** What stands in the presence of a contact. */
export const KINDS = ['nothing of ours', 'the same address again', 'another address each time'] as const;
export type Kind = (typeof KINDS)[number];

/** Of one size of roster; microseconds a stanza, bytes a contact. */
export interface PresenceCost {
    readonly contacts: number;
    readonly cost: Readonly<Record<Kind, { readonly without: number; readonly with: number }>>;
    readonly bytesPerContact: number;
}

/** The compiler of TypeScript that we run with marks functions by a helper, which a page has not. */
const NAMES = 'window.__name = (named) => named';
const BATCH = 250;
const ROUNDS = 9;

async function openPage(servers: Servers, site: Site, plugin: boolean): Promise<Page> {
    const context = await newProfile('chromium', {});
    await context.addInitScript(NAMES);
    const page = await context.newPage();
    const path = site.page({
        settings: { ...usualSettings(servers, 'alice'), persistent_store: 'sessionStorage' },
        expressions: plugin ? { sip_credentials: credentialsOf(servers, 'alice') } : {},
        plugin: plugin ? 'after' : 'none',
        // Without views, which draw the whole roster anew: what is Converse's own is as little as it can be.
        converse: 'headless',
    });
    await page.goto(`http://alice.localhost:${String(site.port)}${path}`);
    await page.waitForFunction('window.atHome');
    await page.evaluate('window.atHome');
    return page;
}

/** Runs in the page. */
interface Bench {
    /** Adds contacts that no server knows. */
    fill(from: number, to: number): void;
    /** @returns ms for a batch of presence stanzas */
    presences(kind: string, contacts: number, count: number, about: string): Promise<number>;
}

declare global {
    interface Window {
        bench: Bench;
    }
}

/** What a page of Converse hands out; its `_converse` is private. */
interface Inside {
    state: {
        roster: { add(contacts: readonly object[]): void };
        profile: { constructPresence(given: object): Promise<{ tree(): Element }> };
    };
    api: { connection: { get(): { _dataRecv(wrapper: Element): void } } };
}

function install(): void {
    const inside = (window as unknown as { inside: Inside }).inside;
    let round = 0;
    window.bench = {
        fill: (from, to) => {
            inside.state.roster.add(
                Array.from({ length: to - from }, (_, index) => {
                    const jid = `c${String(from + index)}@localhost`;
                    return { jid, subscription: 'both', ask: null, groups: [], nickname: jid };
                }),
            );
        },
        presences: async (kind, contacts, count, about) => {
            round += 1;
            const connection = inside.api.connection.get();
            const wrappers = Array.from({ length: count }, (_, index) => {
                const who = (round * count + index) % contacts;
                const user =
                    kind === 'another address each time' ? `u${String(round)}-${String(who)}` : `u${String(who)}`;
                const ours = kind === 'nothing of ours' ? '' : about.replaceAll('sip:alice@', `sip:${user}@`);
                const xml = `<w><presence xmlns="jabber:client" from="c${String(who)}@localhost/r" to="alice@localhost"><status>${String(round)}</status>${ours}</presence></w>`;
                return new DOMParser().parseFromString(xml, 'text/xml').documentElement;
            });
            const began = performance.now();
            for (const wrapper of wrappers) connection._dataRecv(wrapper);
            await new Promise((resolve) => setTimeout(resolve));
            return performance.now() - began;
        },
    };
}

async function heap(session: CDPSession): Promise<number> {
    for (let times = 0; times < 3; times += 1) await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN;
}

/** Measures rosters of these sizes, the smallest first. */
export async function presenceCosts(rosters: readonly number[]): Promise<PresenceCost[]> {
    const site = await openSite();
    const servers = await startServers({ label: 'bench' });
    const pages = [await openPage(servers, site, false), await openPage(servers, site, true)] as const;
    const sessions = await Promise.all(
        pages.map(async (page) => {
            await page.evaluate(install);
            const session = await page.context().newCDPSession(page);
            await session.send('Performance.enable');
            await session.send('HeapProfiler.enable');
            return session;
        }),
    );
    // What our own presence says of us, once we are registered, is what a contact's would say.
    await pages[1].waitForFunction(async () => {
        const { state } = (window as unknown as { inside: Inside }).inside;
        return (await state.profile.constructPresence({})).tree().innerHTML.includes('sip:alice@');
    });
    const about = await pages[1].evaluate(async () => {
        const { state } = (window as unknown as { inside: Inside }).inside;
        const children = [...(await state.profile.constructPresence({})).tree().children];
        return children
            .filter((child) => child.outerHTML.includes('sip:alice@'))
            .map((child) => child.outerHTML)
            .join('');
    });
    const heaps = (): Promise<number[]> => Promise.all(sessions.map(heap));
    const empty = await heaps();
    const results: PresenceCost[] = [];
    let filled = 0;
    for (const contacts of rosters) {
        for (const page of pages) {
            // Not all in one go: what Converse keeps of each would pile up until the page dies.
            for (let from = filled; from < contacts; from += BATCH) {
                const to = Math.min(from + BATCH, contacts);
                await page.evaluate((range) => window.bench.fill(...range), [from, to] as const);
            }
            // Everybody is known with an address.
            const kind: Kind = 'the same address again';
            for (let times = 0; times < Math.ceil(contacts / BATCH); times += 1)
                await page.evaluate(([...given]) => window.bench.presences(...given), [
                    kind,
                    contacts,
                    BATCH,
                    about,
                ] as const);
        }
        filled = contacts;
        const cost = {} as Record<Kind, { without: number; with: number }>;
        for (const kind of KINDS) {
            const times: [number[], number[]] = [[], []];
            for (let round = 0; round < ROUNDS; round += 1)
                for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
                    times[index].push(
                        await pages[index].evaluate(([...given]) => window.bench.presences(...given), [
                            kind,
                            contacts,
                            BATCH,
                            about,
                        ] as const),
                    );
            const [without, withIt] = times.map((each) => (median(each) / BATCH) * 1000) as [number, number];
            cost[kind] = { without, with: withIt };
        }
        const [bare = NaN, full = NaN] = (await heaps()).map((bytes, index) => bytes - (empty[index] ?? NaN));
        results.push({ contacts, cost, bytesPerContact: (full - bare) / contacts });
    }
    await Promise.all(pages.map((page) => page.context().close()));
    await Promise.all([servers.stop(), site.close()]);
    return results;
}
