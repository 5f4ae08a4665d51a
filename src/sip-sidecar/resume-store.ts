/**
 * The calls of a page that is left, kept for the next page of the same tab (PROTOCOL.md 8.13). Written when the page is left
 * and not before, and taken by the next page: a duplicated tab finds nothing. They go with the tab, and hold no secret but
 * what names the call.
 */
import { KEPT_CALLS, type CallId, type ResumeRecord } from './contract/index.js';
import { isLike } from './contract/shape.js';

/** A call as other tabs and the next page know it. */
export interface TabCall {
    readonly callId: CallId;
    /** As the plugin describes it; not looked into here. */
    readonly about: unknown;
    /** What is needed to go on with it; null: it cannot be gone on with, because it is not answered. */
    readonly record: ResumeRecord | null;
}

/** The most calls that are read. */
const MOST = 16;

const RECORD: ResumeRecord = {
    callId: '',
    direction: 'incoming',
    dialog: {
        callId: '',
        localTag: '',
        remoteTag: '',
        localUri: '',
        remoteUri: '',
        target: '',
        routes: [''],
        localSequence: 0,
    },
    replaces: true,
    instanceId: '',
    fingerprints: [''],
    media: { microphone: 'live', camera: 'on', remoteVideo: true },
    hold: { byUs: true, byThem: true },
    answeredAt: 0,
    leftAt: null,
};

const keyOf = (name: string): string => `${KEPT_CALLS}${name}`;

/** What can be read of a list of calls that anybody may have written. */
export function readCalls(found: unknown): readonly TabCall[] {
    if (!Array.isArray(found)) return [];
    return (found as unknown[]).slice(0, MOST).flatMap((each) => {
        if (!isLike(each, { callId: '' })) return [];
        const { callId, about, record } = each as TabCall;
        const usable = isLike(record, RECORD) && isLike(record.leftAt ?? 0, 0) && record.callId === callId;
        return [{ callId, about, record: usable ? record : null }];
    });
}

/** The page is left: keeps its answered calls, and those it had not gone on with yet. @param now in ms since the epoch */
export function keepCalls(name: string, calls: Iterable<TabCall>, now: number): void {
    const kept = [...calls].flatMap(({ callId, about, record }) =>
        record === null ? [] : [{ callId, about, record: { ...record, leftAt: record.leftAt ?? now } }],
    );
    try {
        if (kept.length > 0) sessionStorage.setItem(keyOf(name), JSON.stringify(kept));
    } catch {
        // Full, or switched off in this browser: the other side ends the call.
    }
}

/** Takes the calls of the page that was here before, once. */
export function takeCalls(name: string): readonly TabCall[] {
    try {
        const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(name)) ?? 'null');
        sessionStorage.removeItem(keyOf(name));
        return readCalls(kept);
    } catch {
        return [];
    }
}
