/**
 * Whether own-names.mjs keeps what has to be kept: on a small program that has one of each case and does the same with short
 * names as without, and on the sources, where what others see is listed here. Exits with 1 when it does not.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { findNames, ownNames } from './own-names.mjs';
import { root } from './lib.mjs';
import { privateNames } from './private-names.mjs';
import { propertyNames } from './property-names.mjs';

/** Names that begin with `kept` must be kept, those with `short` need not be. */
const SOURCE = `
interface Inner { keptDeep: number }
interface Stored { keptStored: string; inner?: Inner; keptList: readonly { keptItem: number }[] }
interface Read { keptRead: number }
interface Keyed { keptOne: number; keptTwo: number }
interface Union1 { type: 'one'; shortOfOne: number }
interface Union2 { type: 'two'; shortOfTwo: number }
export interface Public { keptPublic: { keptResult: number } }
const isRead = (value: unknown): value is Read => typeof value === 'object' && value !== null && 'keptRead' in value;
const isLike = <T>(value: unknown, sample: T): value is T => Object.keys(sample as object).every((name) => name in (value as object));
const generic = <T>(value: T): string => isLike({}, value) ? 'like' : 'unlike';
const wrap = <T>(value: T): { shortWrapped: T } => ({ shortWrapped: value });
interface Given { keptGiven: number; keptInner?: { keptMost: number } }
const take = (given: Given): number => given.keptGiven + (given.keptInner?.keptMost ?? 0);
interface Looked { keptLooked?: number }
const isThere = (looked: Looked): boolean => 'keptLooked' in looked;
const asked = (looked: Looked | { keptQuoted: number }): number => ('keptQuoted' in looked ? looked.keptQuoted : 0);
class Own {
    protected readonly shortField = 1;
    constructor(readonly shortParameter: number, protected shortOther = shortParameter + 1) {
        const { shortParameter: again } = this;
        this.shortOther += again + [1].map((each) => each + shortParameter)[0]!;
    }
    get shortSum(): number { const { shortField, shortOther = 0 } = this; return shortField + shortOther + this.shortParameter; }
}
class Problem extends Error { readonly shortDetail = 'x'; override get message(): string { return this.shortDetail; } }
const pick = (keyed: Keyed, name: keyof Keyed): number => keyed[name];
const sum = (union: Union1 | Union2): number => union.type === 'one' ? union.shortOfOne : union.shortOfTwo;
const handOver = (value: unknown): string => JSON.stringify(value);
const later = (listener: (value: unknown) => void): void => listener({ keptHanded: 4 });
export function run(): Public & { keptSaid: unknown[] } {
    const said: unknown[] = [];
    const stored: Stored = { keptStored: 'a', inner: { keptDeep: 1 }, keptList: [{ keptItem: 2 }] };
    said.push(handOver(stored), new Own(3).shortSum, new Problem().message, pick({ keptOne: 1, keptTwo: 2 }, 'keptTwo'));
    const read: unknown = JSON.parse('{"keptRead":5,"keptCast":6,"keptLike":7}');
    if (isRead(read)) said.push(read.keptRead);
    said.push((read as { keptCast: number }).keptCast, isLike(read, { keptLike: 0 }) && read.keptLike, generic({ keptGeneric: 1 }));
    said.push(take(JSON.parse('{"keptGiven":1,"keptInner":{"keptMost":2}}')), isThere({ keptLooked: 1 }), asked({ keptQuoted: 5 }));
    said.push((Object('text') as { keptNative?: number }).keptNative, (globalThis as { keptGlobal?: number }).keptGlobal);
    later((value) => said.push((value as { keptHanded: number }).keptHanded));
    const local = { shortInner: wrap({ shortDeeper: 1 }) };
    const { shortInner: { shortWrapped: { shortDeeper } } } = local;
    said.push(shortDeeper, sum({ type: 'two', shortOfTwo: 8 }), sum({ type: 'one', shortOfOne: 9 }), Object.entries({ keptEntry: 1 })[0]![0]);
    return { keptPublic: { keptResult: 1 }, keptSaid: said };
}
`;

/** What scripts, servers, browsers, other pages and the next page see, and what a person types. */
const KEPT =
    `sip registration lookup whoIs listenOnly hangUp sendDigits callId direction address displayName identity level
    reasons state answeredAt endedAt byUs byThem sipCallIds thread availability addresses uri source seenAt video sip_call
    sip_call_id record localTag remoteTag localUri remoteUri localSequence instanceId leftAt about command digits accept
    username password ha1 display_name expires urls credential iceServers iceTransportPolicy namedCurve deviceId
    echoCancellation connectedCallback disconnectedCallback properties levelId menuOpen hinted observedAttributes initialize
    onmessage setRemoteDescription early_only microphone camera ringer defineElements Session`.split(/\s+/u);

const wrong = [];
const place = mkdtempSync(path.join(tmpdir(), 'converse-sip-names-'));
try {
    globalThis.keptGlobal = 3;
    const file = path.join(place, 'fixture.ts');
    writeFileSync(file, SOURCE);
    const options = {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        strict: true,
        lib: ['lib.es2022.d.ts'],
        types: [],
    };
    const { short } = findNames(options, [file], [file], []);
    const words = new Set(SOURCE.match(/\b(?:kept|short)[A-Z]\w*/gu));
    for (const word of words) {
        if (word.startsWith('kept') === short.has(word))
            wrong.push(`${word} of the example is ${short.has(word) ? 'shortened' : 'kept'}`);
    }
    const outcome = async (before) => {
        const compilerOptions = {
            target: ts.ScriptTarget.ES2022,
            module: ts.ModuleKind.ESNext,
            useDefineForClassFields: false,
        };
        const { outputText } = ts.transpileModule(SOURCE, { compilerOptions, transformers: { before } });
        return JSON.stringify((await import(`data:text/javascript,${encodeURIComponent(outputText)}`)).run());
    };
    const [plain, shortened] = [await outcome([]), await outcome([privateNames([file]), propertyNames(short)])];
    if (plain !== shortened) wrong.push(`the example says ${shortened} instead of ${plain}`);
} finally {
    rmSync(place, { recursive: true });
}

const { short, kept } = ownNames(root);
for (const name of KEPT) if (short.has(name)) wrong.push(`${name} is shortened`);
console.log(`${short.size} names of properties are shortened, ${kept.size} kept`);
for (const each of wrong) console.log(each);
process.exit(wrong.length > 0 ? 1 : 0);
