/**
 * A small shell that outlives us by a moment. When this process ends in any way, `kill -9` included, the pipe to the
 * guard closes; it then kills the process groups it was told of and removes our temporary directory.
 * (A parent-death signal alone reaches neither the workers of a server nor one that is frozen.)
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Watches over process groups and one directory. */
export interface Guard {
    /** A new temporary directory, for its owner only. */
    readonly directory: string;
    /** Kill this process group should we die. */
    watch(group: number): void;
    /** This process group has ended. */
    forget(group: number): void;
    /** Everything has ended: the directory goes, and the guard. */
    close(): Promise<void>;
}

const SCRIPT = `
trap '' INT TERM HUP
groups=' '
while read -r sign group; do
    case "$sign" in
        +) groups="$groups$group " ;;
        -) groups="\${groups%% $group *} \${groups#* $group }" ;;
    esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
rm -rf -- "$1"
`;

/** @param label what the temporary directory's name says */
export function createGuard(label: string): Guard {
    const directory = mkdtempSync(path.join(tmpdir(), `converse-sip-${label}-`));
    const shell = spawn('sh', ['-c', SCRIPT, `converse-sip-guard`, directory], {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
        cwd: '/',
    });
    const ended = new Promise<void>((resolve) => {
        shell.once('error', () => resolve());
        shell.once('exit', () => resolve());
    });
    shell.stdin.on('error', () => {
        /* the guard was killed: the parent-death signal is left */
    });
    return {
        directory,
        watch: (group) => shell.stdin.write(`+ ${String(group)}\n`),
        forget: (group) => shell.stdin.write(`- ${String(group)}\n`),
        close: async () => {
            shell.stdin.end();
            await ended;
            rmSync(directory, { recursive: true, force: true });
        },
    };
}
