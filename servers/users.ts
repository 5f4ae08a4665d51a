/** Who has an account on the servers. */
import { randomBytes } from 'node:crypto';

/** The one domain of all servers here, for XMPP and for SIP. */
export const DOMAIN = 'localhost';

/** An account. */
export interface User {
    /** The user name, the same for both protocols. */
    readonly name: string;
    /** The bare JID; null for who has SIP only. */
    readonly jid: string | null;
    /** The address of record. */
    readonly sip: string;
    /** Made anew each time the servers are set up. */
    readonly password: string;
}

const password = (): string => randomBytes(12).toString('hex');

const user = (name: string, xmpp: boolean): User => ({
    name,
    jid: xmpp ? `${name}@${DOMAIN}` : null,
    sip: `sip:${name}@${DOMAIN}`,
    password: password(),
});

/** Alice, Bob and Carol have both protocols and are each other's contacts; Dave has a plain SIP telephone. */
export const createUsers = (): readonly User[] => [
    user('alice', true),
    user('bob', true),
    user('carol', true),
    user('dave', false),
];

/** Accounts with both protocols who are nobody's contact. */
export const createStrangers = (names: readonly string[]): readonly User[] => names.map((name) => user(name, true));

/** The name as a person writes it: `Alice`. */
export const displayName = ({ name }: Pick<User, 'name'>): string => name.charAt(0).toUpperCase() + name.slice(1);
