/** Many calls one after another: nothing may be left of them. */
import type { CDPSession, Page } from 'playwright-core';
import { callOnce, ends, type Hall } from './calls.js';

/** What a page holds. */
export interface Holdings {
    /** In bytes, after a garbage collection, without what the engine keeps for itself, such as code it has compiled anew. */
    readonly heap: number;
    /** Objects, closures and arrays in it. */
    readonly objects: number;
    readonly peerConnections: number;
    readonly listeners: number;
    readonly liveTracks: number;
    readonly timers: number;
}

/** The part of a heap snapshot that is read here. */
interface Snapshot {
    readonly snapshot: {
        readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly (readonly string[])[] };
    };
    readonly nodes: readonly number[];
    readonly strings: readonly string[];
}

/** What a page's script holds by itself. */
async function heap(session: CDPSession): Promise<Pick<Holdings, 'heap' | 'objects'>> {
    const chunks: string[] = [];
    const take = ({ chunk }: { readonly chunk: string }): void => void chunks.push(chunk);
    session.on('HeapProfiler.addHeapSnapshotChunk', take);
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    session.off('HeapProfiler.addHeapSnapshotChunk', take);
    const { snapshot, nodes, strings } = JSON.parse(chunks.join('')) as Snapshot;
    const { node_fields: fields, node_types: types } = snapshot.meta;
    const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field)) as [
        number,
        number,
        number,
    ];
    const found = { heap: 0, objects: 0 };
    for (let node = 0; node < nodes.length; node += fields.length) {
        const kind = types[type]?.[nodes[node + type] ?? 0] ?? '';
        const isOwn = !strings[nodes[node + name] ?? 0]?.startsWith('system / ');
        if (!isOwn || /^(?:code|native|hidden|synthetic|object shape)$/u.test(kind)) continue;
        found.heap += nodes[node + size] ?? 0;
        if (/^(?:object|closure|array)$/u.test(kind)) found.objects += 1;
    }
    return found;
}

/** sip.js and the RFC keep what belongs to a transaction for 32 s. */
const TRANSACTIONS_GONE = 35_000;

/**
 * Calls before the first look. What they load stays: compiled code, and what has a bound and fills up to it, such as the
 * log and the budgets of the flood gate.
 */
const WARM = 600;

async function holdings(page: Page, session: CDPSession): Promise<Holdings> {
    for (let times = 0; times < 3; times += 1) await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? NaN;
    const { tracks, timers } = await page.evaluate(() => ({
        tracks: window.held.tracks(),
        timers: window.held.timers(),
    }));
    return {
        ...(await heap(session)),
        peerConnections: await page.evaluate(() => window.end.open()),
        listeners: metric('JSEventListeners'),
        liveTracks: tracks,
        timers,
    };
}

declare global {
    interface Window {
        held: { tracks(): number; timers(): number };
    }
}

/** Counts timers and tracks of a page; before anything of it runs. */
function count(): void {
    const timers = new Set<unknown>();
    const tracks = new Set<MediaStreamTrack>();
    const [later, forget] = [window.setTimeout.bind(window), window.clearTimeout.bind(window)];
    const [often, never] = [window.setInterval.bind(window), window.clearInterval.bind(window)];
    const page = window as unknown as Record<string, unknown>;
    page['setTimeout'] = (run: TimerHandler, ms?: number, ...rest: unknown[]) => {
        const id = later(() => {
            timers.delete(id);
            if (typeof run === 'function') (run as (...given: unknown[]) => void)(...rest);
        }, ms);
        timers.add(id);
        return id;
    };
    page['setInterval'] = (run: TimerHandler, ms?: number) => {
        const id = often(run, ms);
        timers.add(id);
        return id;
    };
    page['clearTimeout'] = (id?: number) => {
        timers.delete(id);
        forget(id);
    };
    page['clearInterval'] = (id?: number) => {
        timers.delete(id);
        never(id);
    };
    const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await get(constraints);
        for (const track of tracks) if (track.readyState === 'ended') tracks.delete(track);
        for (const track of stream.getTracks()) tracks.add(track);
        return stream;
    };
    window.held = {
        tracks: () => [...tracks].filter((track) => track.readyState === 'live').length,
        timers: () => timers.size,
    };
}

/** Makes so many calls and looks at both ends before and after. */
export async function endurance(
    hall: Hall,
    calls: number,
): Promise<{ calls: number; before: Holdings[]; after: Holdings[] }> {
    const scenario = { name: 'endurance', calls, ice: 'none' } as const;
    const { end, close } = await hall.prepare(scenario);
    const pages = await ends(hall, 'ours', scenario, end, count);
    const sessions = await Promise.all(
        pages.map(async (page) => {
            const session = await page.context().newCDPSession(page);
            await session.send('Performance.enable');
            await session.send('HeapProfiler.enable');
            return [page, session] as const;
        }),
    );
    const look = (): Promise<Holdings[]> => Promise.all(sessions.map((each) => holdings(...each)));
    const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, TRANSACTIONS_GONE));
    for (let call = 0; call < WARM; call += 1) await callOnce('ours', pages);
    await rest();
    const before = await look();
    for (let call = 0; call < calls; call += 1) await callOnce('ours', pages);
    await rest();
    const after = await look();
    await pages[0]?.context().close();
    close();
    return { calls, before, after };
}
