/** Data from places that others can write to as well: the page's storage, and messages from other tabs. */

/** The longest text and the longest list that are taken. */
const MAX_TEXT = 2_048;
const MAX_LENGTH = 32;

/**
 * Whether a value is like a sample: objects have at least its members, the members of a list are like the sample's first one,
 * numbers are finite, and texts are not over-long and hold no control character. null in the sample: anything.
 */
export function isLike<T>(value: unknown, sample: T): value is T {
    if (sample === null) return true;
    if (typeof value !== typeof sample || value === null) return false;
    if (typeof value === 'string') return value.length <= MAX_TEXT && !/[\u0000-\u001f\u007f]/u.test(value);
    if (typeof value === 'number') return Number.isFinite(value);
    if (typeof value !== 'object') return true;
    if (Array.isArray(sample)) {
        return Array.isArray(value) && value.length <= MAX_LENGTH && value.every((each) => isLike(each, sample[0]));
    }
    return Object.entries(sample as object).every(([name, like]) =>
        isLike((value as Record<string, unknown>)[name], like),
    );
}

/** The lists that begin with a text, in what should be a list of them. */
export const lists = (value: unknown): (readonly [string, ...unknown[]])[] =>
    (Array.isArray(value) ? (value as unknown[]) : []).filter(
        (each): each is readonly [string, ...unknown[]] => Array.isArray(each) && typeof each[0] === 'string',
    );
