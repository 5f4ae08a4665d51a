/** The connection test: its checks, and the closed list of why one did not pass. */

/** The checks of the connection test, in the order in which they are shown. */
export const CHECKS = [
    'secure-page',
    'microphone',
    'camera',
    'speaker',
    'server',
    'signed-in',
    'registered',
    'stun',
    'turn-udp',
    'turn-tcp',
    'turn-tls',
    'address-visible',
] as const;

/** One of {@link CHECKS}. */
export type CheckName = (typeof CHECKS)[number];

/** Why a check failed or was skipped; each has its text and its next step in the catalogue. */
export const CHECK_REASONS = [
    // Page and devices; the first six are those of MediaProblem
    'insecure-page',
    'unsupported',
    'blocked-by-site',
    'denied',
    'missing',
    'in-use',
    /** The system, or a switch on the device, silences it (the track is `muted`). */
    'silent',
    /** The site has switched it off (video). */
    'switched-off',
    /** The browser does not let a page choose or name speakers. */
    'no-choice',
    // SIP, STUN and TURN servers
    /** The browser says that it has no network. */
    'offline',
    /** No address of a server that we may use. */
    'bad-server',
    'no-server-configured',
    'no-answer',
    'no-credentials',
    'wrong-credentials',
    'forbidden',
    /** The server answered, and refuses; its code is in the detail. */
    'refused',
    /** STUN is not asked where only relays may be used. */
    'relay-only',
    /** The connection to the SIP server is in another tab of this browser. */
    'other-tab',
    /** Not looked at, because a check before it failed. */
    'not-tried',
    // The own address in chat
    /** The person, or the site, does not share it. */
    'not-shared',
    /** The XMPP server cannot publish it. */
    'not-offered',
] as const;

/** One of {@link CHECK_REASONS}. */
export type CheckReason = (typeof CHECK_REASONS)[number];

/** What came of one check. */
export interface CheckResult {
    readonly name: CheckName;
    /** `skipped`: there is nothing to check, for the `reason`. */
    readonly result: 'running' | 'passed' | 'failed' | 'skipped';
    /** Empty while it runs and where it passed. */
    readonly reason: CheckReason | '';
    /** For administrators, such as `stun:stun.example.net 12 ms`; never a secret. */
    readonly detail: string;
}

/** Reasons that say: there is nothing to check. */
const NOTHING: readonly (CheckReason | '')[] = [
    'switched-off',
    'no-choice',
    'no-server-configured',
    'relay-only',
    'other-tab',
    'not-tried',
    'not-shared',
];

/** What came of a check. @param reason empty: it passed */
export const checked = (name: CheckName, reason: CheckReason | '' = '', detail = ''): CheckResult => ({
    name,
    result: reason === '' ? 'passed' : NOTHING.includes(reason) ? 'skipped' : 'failed',
    reason,
    detail,
});

/** The checks that need an account. */
export const SIGNALLING_CHECKS = ['server', 'signed-in', 'registered'] as const satisfies readonly CheckName[];

/** A check that has begun. */
export const running = (name: CheckName): CheckResult => ({ name, result: 'running', reason: '', detail: '' });
