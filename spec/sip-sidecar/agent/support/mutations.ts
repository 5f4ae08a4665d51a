/** SIP messages that are broken at random, the same ones for the same seed. */

/** A random number from 0 up to, but not including, 1. */
export type Dice = () => number;

/** The same numbers for the same seed (mulberry32). */
export function dice(seed: number): Dice {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), state | 1);
        t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** What parsers stumble over. */
const SPLINTERS = [
    ...[
        '\0',
        '\r',
        '\n',
        '\r\n',
        '\r\n ',
        '\r\n\r\n',
        '\t',
        ' ',
        '',
        '\ufeff',
        '\u2028',
        '\ud800',
        '\u202e',
        'é',
        '😀',
    ],
    ...[
        '"',
        '\\',
        '\\"',
        '<',
        '>',
        '<>',
        ';',
        ';;',
        ',',
        ':',
        '=',
        '@',
        '%',
        '%00',
        '%zz',
        '%0d%0a',
        '[',
        ']',
        '[::',
        '/',
        '*',
        '?',
    ],
    ...['0', '-1', '1e9', '4294967296', '99999999999999999999', 'NaN', '0x10', '٣'],
    ...['sip:', 'sips:', 'tel:', 'SIP/2.0', 'SIP/3.0', ';tag=', ';branch=', ';lr', ';maddr=', ';expires=0', 'z9hG4bK'],
    ...[
        '__proto__',
        'constructor',
        'toString',
        'Via',
        'Content-Length: 3\r\n',
        'l: 99999\r\n',
        'Contact: *\r\n',
        'From: <sip:x@y>\r\n',
    ],
    ...[
        'Replaces: a;to-tag=b;from-tag=c\r\n',
        'Require: x\r\n',
        'Refer-To: <sip:a@b>\r\n',
        'Session-Expires: 1\r\n',
        'RAck: 1 1 INVITE\r\n',
    ],
    ...[
        'Content-Type: multipart/mixed;boundary=x\r\n',
        'Content-Encoding: gzip\r\n',
        'm=audio 0 RTP/AVP\r\n',
        'a=fingerprint:\r\n',
    ],
];

type Mutation = (text: string, random: Dice, corpus: readonly string[]) => string;

const at = (text: string, random: Dice): number => Math.floor(random() * (text.length + 1));
const pick = <Item>(items: readonly Item[], random: Dice): Item => items[Math.floor(random() * items.length)]!;
const range = (text: string, random: Dice): readonly [number, number] => {
    const start = at(text, random);
    return [start, Math.min(text.length, start + 1 + Math.floor(random() ** 3 * 400))];
};
const inLines =
    (change: (lines: string[], random: Dice) => void): Mutation =>
    (text, random) => {
        const lines = text.split('\r\n');
        change(lines, random);
        return lines.join('\r\n');
    };
const line = (lines: readonly string[], random: Dice): number => Math.floor(random() * lines.length);

const MUTATIONS: readonly Mutation[] = [
    // Another character
    (text, random) => {
        const place = at(text, random);
        return text.slice(0, place) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(place + 1);
    },
    // Something put in, once or often
    (text, random) => {
        const place = at(text, random);
        const times = random() < 0.9 ? 1 : Math.floor(random() * 2_000);
        return text.slice(0, place) + pick(SPLINTERS, random).repeat(times) + text.slice(place);
    },
    // Something in the place of a value
    inLines((lines, random) => {
        const which = line(lines, random);
        lines[which] = (lines[which] ?? '').replace(
            /(:\s*).*$/su,
            (_all, colon: string) => colon + pick(SPLINTERS, random),
        );
    }),
    // In the place of a number
    (text, random) => {
        const numbers = text.match(/\d+/gu) ?? [];
        return text.replace(pick(numbers.length > 0 ? numbers : ['0'], random), () => pick(SPLINTERS, random));
    },
    // Less
    (text, random) => {
        const [start, end] = range(text, random);
        return text.slice(0, start) + text.slice(end);
    },
    (text, random) => text.slice(0, at(text, random)),
    inLines((lines, random) => lines.splice(line(lines, random), 1)),
    // More of the same
    (text, random) => {
        const [start, end] = range(text, random);
        return text.slice(0, end) + text.slice(start, end) + text.slice(end);
    },
    inLines((lines, random) => {
        const which = line(lines, random);
        const times = random() < 0.8 ? 1 : 300;
        lines.splice(which, 0, ...Array.from({ length: times }, () => lines[which] ?? ''));
    }),
    // Another order
    inLines((lines, random) => {
        const [a, b] = [line(lines, random), line(lines, random)];
        [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
    }),
    // Half of another message
    (text, random, corpus) => {
        const other = pick(corpus, random);
        return text.slice(0, at(text, random)) + other.slice(at(other, random));
    },
    inLines((lines) => {
        lines.unshift('');
    }),
    (text) => text.replaceAll('\r\n', '\n'),
    (text) => text.toUpperCase(),
];

/** A message of the corpus with one to four things wrong. */
export function mutate(corpus: readonly string[], random: Dice): string {
    let text = pick(corpus, random);
    for (let left = 1 + Math.floor(random() ** 2 * 4); left > 0; left -= 1)
        text = pick(MUTATIONS, random)(text, random, corpus);
    return text;
}
