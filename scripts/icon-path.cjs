/* An icon of Font Awesome Free as a path for CSS: a style sheet needs no picture then, which a policy could forbid. */
const { readFileSync } = require('node:fs');

/** The icons stand in the middle of so many units: the widest one is as wide. */
const WIDTH = 640;

/** How many numbers a command of a path takes (SVG 2 section 9.3). */
const NUMBERS = { m: 2, l: 2, h: 1, v: 1, c: 6, s: 4, q: 4, t: 2, a: 7, z: 0 };
/** Which of them are coordinates: 0 to the right, 1 down. The radii, angle and flags of an arc are none. */
const axisOf = (command, index) =>
    command === 'h' ? 0 : command === 'v' ? 1 : command !== 'a' ? index % 2 : index < 5 ? null : index - 5;

/**
 * A path in whole numbers, relative to where the last command has ended. An icon is some 512 units wide and 24 pixels at most:
 * nobody sees it, and it is a quarter smaller. What one command is off, the next makes up for.
 * @param right how far it is moved to the right
 */
function roundPath(path, right) {
    const tokens = path.match(/[a-z]|-?(?:\d*\.\d+|\d+)/gi);
    const exact = [0, 0];
    // It begins that far to the left of where it is drawn.
    const rounded = [-right, 0];
    let start = [0, 0];
    let text = '';
    let command = '';
    while (tokens.length > 0) {
        if (/[a-z]/i.test(tokens[0])) command = tokens.shift();
        const name = command.toLowerCase();
        const isRelative = command === name;
        const end = [...exact];
        const numbers = Array.from({ length: NUMBERS[name] }, (_, index) => {
            // The flags of an arc need no space after them.
            const isFlag = name === 'a' && (index === 3 || index === 4);
            const value = Number(isFlag ? tokens[0][0] : tokens.shift());
            if (isFlag && (tokens[0] = tokens[0].slice(1)) === '') tokens.shift();
            const axis = axisOf(name, index);
            if (axis === null) return Math.round(value);
            end[axis] = value + (isRelative ? exact[axis] : 0);
            return Math.round(end[axis]) - rounded[axis];
        });
        text += name + numbers.map((value, index) => (index > 0 && value >= 0 ? ' ' : '') + String(value)).join('');
        if (name === 'z') end.splice(0, 2, ...start);
        if (name === 'm') {
            start = [...end];
            // What follows without a command are lines.
            command = isRelative ? 'l' : 'L';
        }
        exact.splice(0, 2, ...end);
        rounded.splice(0, 2, ...end.map(Math.round));
    }
    return text;
}

/** @returns `path("…")`. @param file SVG */
module.exports = function iconPath(file) {
    const source = readFileSync(file, 'utf8');
    const width = /viewBox="0 0 (\d+) 512"/.exec(source)?.[1];
    const path = [...source.matchAll(/<path[^>]*\bd="([^"]+)"/g)].map((match) => match[1]).join('');
    if (!width || !path) throw new Error(`${file}: not an icon of one or more paths`);
    return `path("${roundPath(path, (WIDTH - width) / 2)}")`;
};
