/** All benchmarks, with the table in docs/performance.md and bench/results.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { closeBrowsers } from '../spec/e2e/support/browsers.js';
import { sizes } from './bundles.js';
import { measure, MEASURES, openHall, SUBJECTS, type Runs, type Scenario } from './calls.js';
import { endurance } from './endurance.js';
import { brief, median, table } from './figures.js';
import { KINDS, presenceCosts } from './presence.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const RESULTS = path.join(root, 'bench/results.json');
const DOCUMENT = path.join(root, 'docs/performance.md');

/** sip.js waits 5 s for a dead STUN server, JsSIP as long as the browser does, also for a TURN server behind a slow line. */
const FEWER = { sipJs: 3, jsSip: 1 };

/** From the best network to the worst. */
const SCENARIOS: readonly Scenario[] = [
    { name: 'no STUN, no TURN', ice: 'none', calls: 15 },
    { name: 'STUN server that does not answer', ice: 'dead STUN', calls: 8, fewer: FEWER },
    { name: 'TURN only', ice: 'TURN only', calls: 10 },
    { name: 'TURN only, 50 ms round trip', ice: 'TURN only', calls: 8, line: { delay: 25, loss: 0 }, fewer: FEWER },
    {
        name: 'TURN only, 150 ms round trip, 2 % loss',
        ice: 'TURN only',
        calls: 8,
        line: { delay: 75, loss: 0.02 },
        fewer: FEWER,
    },
];

const NAMES = {
    ours: 'converse-sip',
    sipJs: 'sip.js SimpleUser',
    jsSip: 'JsSIP',
    floor: 'two bare RTCPeerConnections',
};
const WORDS = { invite: 'click to INVITE', ring: 'click to remote ring', media: 'answer to first media, both ways' };

/** The medians of one scenario, in ms and as ratios to the floor. */
function summary(runs: Runs) {
    return Object.fromEntries(
        MEASURES.map((measured) => {
            const of = (subject: (typeof SUBJECTS)[number]): number =>
                median(runs[subject].map((run) => run[measured]));
            const floor = of('floor');
            return [
                measured,
                Object.fromEntries(
                    SUBJECTS.map((subject) => [
                        subject,
                        { n: runs[subject].length, median: of(subject), ratio: of(subject) / floor },
                    ]),
                ),
            ];
        }),
    ) as Record<
        (typeof MEASURES)[number],
        Record<(typeof SUBJECTS)[number], { n: number; median: number; ratio: number }>
    >;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** @param parts of `calls`, `presence`, `endurance`, `sizes`; none: all */
export async function run(parts: readonly string[]): Promise<void> {
    const wants = (part: string): boolean => parts.length === 0 || parts.includes(part);
    const kept = readKept();
    const results: Record<string, unknown> = {
        ...kept,
        date: new Date().toISOString().slice(0, 10),
        cores: cpus().length,
    };
    if (wants('sizes')) results['sizes'] = await sizes();
    const hall = wants('calls') || wants('endurance') ? await openHall() : null;
    try {
        if (hall && wants('calls')) {
            const calls: Record<string, ReturnType<typeof summary>> = {};
            for (const scenario of SCENARIOS) {
                say(scenario.name);
                const measured = summary(await measure(hall, scenario));
                calls[scenario.name] = measured;
                say(callsTable(measured));
            }
            results['calls'] = calls;
        }
        if (wants('presence')) results['presence'] = await presenceCosts([100, 1_000, 10_000]);
        if (hall && wants('endurance')) results['endurance'] = await endurance(hall, 1_000);
    } finally {
        await closeBrowsers();
        await hall?.close();
    }
    await write(RESULTS, JSON.stringify(results, rounded, 4));
    await write(DOCUMENT, documentWith(results));
    say(`Written: ${path.relative(root, RESULTS)}, ${path.relative(root, DOCUMENT)}`);
}

const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

function readKept(): Record<string, unknown> {
    try {
        return JSON.parse(readFileSync(RESULTS, 'utf8')) as Record<string, unknown>;
    } catch {
        return {};
    }
}

function callsTable(measured: ReturnType<typeof summary>): string {
    return table(
        ['', ...SUBJECTS.map((subject) => NAMES[subject])],
        MEASURES.map((each) => [
            WORDS[each],
            ...SUBJECTS.map((subject) => {
                const { median: ms, ratio } = measured[each][subject];
                return `${brief(ms)} ms (${brief(ratio)})`;
            }),
        ]),
    );
}

/** Writes a file in the project's format. */
async function write(file: string, text: string): Promise<void> {
    writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

/** The document with the tables between its marks. */
function documentWith(results: Record<string, unknown>): string {
    const parts: string[] = [];
    const calls = results['calls'] as Record<string, ReturnType<typeof summary>> | undefined;
    for (const [name, measured] of Object.entries(calls ?? {})) parts.push(`### ${name}`, callsTable(measured));
    const presence = results['presence'] as Awaited<ReturnType<typeof presenceCosts>> | undefined;
    if (presence) {
        const rows = presence.flatMap(({ contacts, cost }) =>
            KINDS.map((kind) => {
                const { without, with: withIt } = cost[kind];
                const added = withIt - without;
                return [
                    `${contacts.toLocaleString('en')} contacts, ${kind}`,
                    `${brief(without)} µs`,
                    `${brief(withIt)} µs`,
                    `${((100 * added) / without).toFixed(1)} %`,
                ];
            }),
        );
        parts.push('### One presence stanza that comes in', table(['', 'Converse', 'with the plugin', 'added'], rows));
        const memory = presence.map(({ contacts, bytesPerContact }) => [
            contacts.toLocaleString('en'),
            `${bytesPerContact.toFixed(0)} bytes`,
        ]);
        parts.push('### Memory for a contact whose address is known', table(['contacts', 'each'], memory));
    }
    const long = results['endurance'] as Awaited<ReturnType<typeof endurance>> | undefined;
    if (long) {
        const row = (name: string, key: keyof (typeof long.before)[number], scale = 1): string[] => [
            name,
            ...[long.before, long.after].flatMap((ends) => ends.map((end) => brief(end[key] / scale))),
        ];
        parts.push(
            `### ${long.calls.toLocaleString('en')} calls one after another, 35 s after the last`,
            table(
                ['', 'caller before', 'callee before', 'caller after', 'callee after'],
                [
                    row('heap without compiled code, MB', 'heap', 1_000_000),
                    row('objects in it', 'objects'),
                    row('peer connections', 'peerConnections'),
                    row('live tracks', 'liveTracks'),
                    row('timers', 'timers'),
                    row('listeners', 'listeners'),
                ],
            ),
        );
    }
    const loaded = results['sizes'] as Awaited<ReturnType<typeof sizes>> | undefined;
    if (loaded) {
        const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
        parts.push(
            '### JavaScript, gzip -9',
            table(
                ['', 'size'],
                [
                    ['converse-sip, all of it with its user interface', kB(loaded.ours)],
                    ['converse-sip before anybody is logged in', kB(loaded.beforeLogin)],
                    ['sip.js SimpleUser, without user interface', kB(loaded.sipJs)],
                    ['JsSIP, without user interface', kB(loaded.jsSip)],
                ],
            ),
        );
    }
    const text = readFileSync(DOCUMENT, 'utf8');
    const [before = '', rest = ''] = text.split('<!-- results -->');
    const [, after = ''] = rest.split('<!-- end of results -->');
    const date = `Measured on ${String(results['date'])}, ${String(results['cores'])} cores.`;
    const body = [date, ...parts].join('\n\n');
    return `${before}<!-- results -->\n\n${body}\n\n<!-- end of results -->${after}`;
}
