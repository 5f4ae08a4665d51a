/** What a run leaves behind on the machine: processes and directories. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { until } from './until.js';

/** This process and all that it descends from: what started us may well have a directory of ours in its command line. */
function ourselves(): ReadonlySet<string> {
    const found = new Set<string>();
    for (let pid = String(process.pid); pid !== '0' && !found.has(pid);) {
        found.add(pid);
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // pid (comm) state ppid …; comm may hold anything, a parenthesis too
        pid = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '0';
    }
    return found;
}

/** Command lines of the processes that name this directory there, or work in it; apart from {@link ourselves}. */
export function processesIn(directory: string): string[] {
    const us = ourselves();
    return readdirSync('/proc')
        .filter((entry) => /^\d+$/u.test(entry) && !us.has(entry))
        .flatMap((pid) => {
            try {
                const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
                const place = `${readlinkSync(`/proc/${pid}/cwd`)}/`;
                return line.includes(directory) || place.startsWith(`${directory}/`) ? [line] : [];
            } catch {
                return [];
            }
        });
}

/** Nothing of this run is left: no process, no directory. */
export const nothingIsLeftOf = (directory: string): Promise<true> =>
    until(`nothing is left of ${directory}`, () => {
        if (existsSync(directory)) throw new Error('the directory');
        const left = processesIn(directory);
        if (left.length > 0) throw new Error(left.join('\n'));
        return true;
    });

/** Nothing is left in this directory but what tsx keeps of what it compiled: no process, no file. */
export const nothingIsLeftIn = (directory: string): Promise<true> =>
    until(`nothing is left in ${directory}`, () => {
        const files = readdirSync(directory).filter((name) => !name.startsWith('tsx-'));
        const left = [...files, ...processesIn(directory)];
        if (left.length > 0) throw new Error(left.join('\n'));
        return true;
    });
