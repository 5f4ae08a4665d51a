/**
 * Holds docs/conformance.md against what ran: every requirement has a row, and every spec that a row names ran and passed,
 * by the lists that the runners of the unit and the end-to-end specs leave in .cache/results/.
 *
 * Usage: `node scripts/check-conformance.mjs`. Prints what is wrong, one line each, and exits with 1.
 * With `--open` it lists the rows that name no spec yet, and the use cases and threats that name none of the end-to-end specs
 * that ran last; it exits with 0.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readResults, root } from './lib.mjs';

const DOCUMENT = 'docs/conformance.md';

const numbered = (count, name) => Array.from({ length: count }, (_, index) => name(index + 1));

/** What has to have a row, by the words its first cell begins with: all of the cell, or what stands before a colon. */
const REQUIRED = [
    ...numbered(5, (number) => `REQ-${number}`),
    // The use cases of a combined client: two off-line, three on-line.
    'User A knows User B’s XMPP JID. Wants to learn User B’s SIP AoR (or E.164 number) for calling her.',
    'User A knows User B’s SIP AoR. Wants to learn User B’s XMPP JID for presence subscription or IM conversation.',
    'User A is subscribed to User B’s XMPP presence. Wants to see User B’s SIP voice (and video) status (available, on the phone, ...) to determine whether to call.',
    'User A is having an XMPP IM conversation with User B. At some point wants to add a SIP voice (or video) call in parallel.',
    'User A is having a voice (or video) call with User B. At some point wants to add an XMPP IM conversation in parallel.',
    // The strategies for user agents in section 6 of RFC 7081.
    ...numbered(12, (number) => `RFC 7081 section 6, ${number}`),
    // The threats of the wire format, section 8.9.
    'forged Call-Info / From',
    "own announcement for somebody else's address (From = Bob, announcement from Mallory)",
    "a stranger's announcement spoils a good call",
    'planted missed call, call-back to a paid number',
    "a contact lists somebody else's address",
    'forged contact info in XMPP (draft sect. 9)',
    'replayed announcement',
    "relay MITM: attacker calls A and B with one Call-ID, each with the other's JID in Call-Info",
    'guessed Call-ID',
    'Call-ID + tags leaked -> Replaces/Join/REFER hijack',
    'SIP element on path is malicious',
    'dangerous sip: URI (?Header=, method=, transport, long, control chars, sip: to premium gateway)',
    'header injection from JID/thread',
    'XML/HTML injection via display names',
    'privacy: JID to all SIP hops, SIP address to contacts, device id by GRUU',
    'probing (OPTIONS, verify)',
    'call spam',
    'downgrade between accounts (RFC 7081 7)',
    'stale PEP/activity after crash',
    'multi-device confusion',
    // Its test vectors, section 8.12.
    ...numbered(14, (number) => `Vector ${number}`),
    'RFC 7247',
    'RFC 8048',
    'RFC 7572',
    'RFC 7573',
    'RFC 7702',
    'draft-ietf-stox-media-07',
];

const COLUMNS = ['requirement', 'where it says so', 'how', 'spec'];

/** The cells of a line of a table: `\|` is no border. */
const cellsOf = (line) =>
    line
        .trim()
        .replace(/^\||(?<!\\)\|$/gu, '')
        .split(/(?<!\\)\|/u)
        .map((cell) => cell.trim().replaceAll('\\|', '|'));

/** The code spans of a cell, with any number of back quotes around them. */
const codeSpans = (cell) =>
    [...cell.matchAll(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/gu)].map(([, , text]) => text.replace(/^ (.*) $/u, '$1'));

/** The rows of every table with our columns: what is required, under which heading, and the specs that prove it. */
function rowsOf(text) {
    const rows = [];
    const wrong = [];
    let inTable = false;
    let section = '';
    text.split('\n').forEach((line, index) => {
        section = /^## (.*)$/u.exec(line)?.[1] ?? section;
        const cells = line.startsWith('|') ? cellsOf(line) : [];
        if (cells.join() === COLUMNS.join()) inTable = true;
        else if (cells.length === 0) inTable = false;
        else if (inTable && !cells.every((cell) => /^:?-+:?$/u.test(cell))) {
            const place = `${DOCUMENT}:${index + 1}`;
            const [requirement, where, how, spec] = cells;
            if (cells.length !== COLUMNS.length) wrong.push(`${place}: ${cells.length} cells, not ${COLUMNS.length}`);
            else if ([requirement, where, how].includes('')) wrong.push(`${place}: an empty cell`);
            else {
                rows.push({
                    place,
                    section,
                    requirement: requirement.replaceAll(/[`*]/gu, ''),
                    specs: codeSpans(spec),
                });
            }
        }
    });
    return { rows, wrong };
}

const answers = (requirement, required) => requirement === required || requirement.startsWith(`${required}:`);

const { rows, wrong } = rowsOf(readFileSync(path.join(root, DOCUMENT), 'utf8'));
for (const required of REQUIRED) {
    if (!rows.some(({ requirement }) => answers(requirement, required))) wrong.push(`${DOCUMENT}: no row: ${required}`);
}
const open = rows.filter(({ specs }) => specs.length === 0);
const endToEnd = new Set(readResults('e2e'));
const passed = new Set([...readResults('unit'), ...endToEnd]);
const unproven = rows.flatMap(({ place, specs }) =>
    specs.filter((spec) => !passed.has(spec)).map((spec) => `${place}: did not run and pass: ${spec}`),
);

if (process.argv.includes('--open')) {
    for (const complaint of wrong) console.log(complaint);
    for (const { place, requirement } of open) console.log(`${place}: ${requirement}`);
    console.log(`${open.length} of ${rows.length} rows name no spec yet`);
    for (const { place, section, requirement, specs } of rows) {
        const wanted = /^(?:Use cases|Threats)$/u.test(section) && specs.length > 0;
        if (wanted && !specs.some((spec) => endToEnd.has(spec)))
            console.log(`${place}: no end-to-end spec: ${requirement}`);
    }
} else {
    for (const { place, requirement } of open) wrong.push(`${place}: no spec: ${requirement}`);
    wrong.push(...unproven);
    for (const complaint of wrong) console.error(complaint);
    const specs = new Set(rows.flatMap((row) => row.specs));
    console.log(`conformance: ${rows.length} rows, ${specs.size} specs named, ${wrong.length} complaints`);
    process.exitCode = wrong.length === 0 ? 0 : 1;
}
