/**
 * What happened, for the administrator: the last SIP messages and events, kept in memory and never shown by itself. What is
 * secret is left out as it comes in, so that it is nowhere to be found: passwords and what is computed of them, keys of the
 * media, digits that were pressed, bodies but session descriptions, and of web addresses all but the site.
 */
import type { Clock } from '../contract/index.js';
import { USER_AGENT } from './core/outgoing-message.js';

/** The most that is kept. */
const MAX_ENTRIES = 500;
const MAX_LENGTH = 262_144;
const MAX_ENTRY_LENGTH = 8_192;

/** A secret shorter than this is not looked for in other texts: too much else is alike. */
const SHORTEST_SECRET = 4;

const GONE = '***';

const FIRST_LINE = `${USER_AGENT}. Passwords and keys are left out. Names and addresses are not, nor who called whom.`;

/** What is left of a challenge or of the answer to it: how, not with what. */
const DIGEST = /\b(?:realm|algorithm|qop|stale)\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]+)/giu;

const RULES: readonly (readonly [what: RegExp, instead: string | ((...match: string[]) => string)])[] = [
    // A header or a line of a session description that is folded is one all the same.
    [/\r?\n[ \t]+/gu, ' '],
    [
        /^([\w-]*(?:authenticate|authorization)[ \t]*:[ \t]*[\w-]+)(.*)$/gimu,
        (_all, name = '', values = '') => [name, ...(values.match(DIGEST) ?? []), GONE].join(' '),
    ],
    [/^([\w-]*(?:authentication-info|cookie|identity|token|password|secret)|y)([ \t]*:).*$/gimu, `$1$2 ${GONE}`],
    [/^(a=(?:ice-pwd|crypto|key-mgmt):|k=).*$/gimu, `$1${GONE}`],
    [/\b((?:https?|wss?):\/\/)(?:[^\s/?#@"'<>]*@)?([^\s/?#"'<>]*)[^\s"'<>]*/giu, '$1$2/'],
    [/\b(sips?:[^\s:@<>"]*):[^\s@<>"]*@/giu, `$1:${GONE}@`],
    [
        /((?:password|passwd|pwd|secret|token|credential|nonce|ha1|response|auth|key)["']?[ \t]*[=:][ \t]*)(?:"[^"]*"|'[^']*'|[^\s,;&"'<>]+)/giu,
        `$1${GONE}`,
    ],
];

/** A text without what is secret by its form. */
export function withoutSecrets(text: string): string {
    const [head = '', ...rest] = text.split('\r\n\r\n');
    const body = rest.join('\r\n\r\n');
    const shown = body === '' || body.startsWith('v=0') ? body : `(${String(body.length)} characters)`;
    let clean = rest.length === 0 ? head : `${head}\r\n\r\n${shown}`;
    for (const [what, instead] of RULES) clean = clean.replace(what, instead as string);
    return clean;
}

/** Makes the log of one user agent. */
export function makeLog(clock: Pick<Clock, 'now'>) {
    const entries: string[] = [];
    let length = 0;
    let known: readonly string[] = [];

    return {
        /** What must not stand in it in any form: looked for as it is, whatever comes in. */
        conceal(secrets: readonly (string | undefined)[]): void {
            known = secrets.map((secret = '') => secret).filter(({ length }) => length >= SHORTEST_SECRET);
        },

        /** Adds an entry. @param what `>` sent, `<` received, else what kind of event */
        add(what: string, text: string): void {
            const clean = known.reduce((rest, secret) => rest.replaceAll(secret, GONE), text);
            const line = withoutSecrets(clean.slice(0, 4 * MAX_ENTRY_LENGTH))
                .slice(0, MAX_ENTRY_LENGTH)
                .replace(/\r\n/gu, '\n')
                .trimEnd();
            const entry = `${new Date(clock.now()).toISOString()} ${what} ${line}\n`;
            entries.push(entry);
            length += entry.length;
            while (entries.length > MAX_ENTRIES || length > MAX_LENGTH) length -= entries.shift()?.length ?? 0;
        },

        /** All of it as one text; its first line says what is left out, and what is not. */
        report: (): string => [FIRST_LINE, '', ...entries].join('\n'),
    };
}
