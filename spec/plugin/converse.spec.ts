import { guard } from '../../src/plugin/converse.js';
import { notice } from '../../src/plugin/notices.js';

describe('guard', () => {
    let error: jasmine.Spy;
    beforeEach(() => {
        error = spyOn(console, 'error');
    });

    it('hands through what a listener gives', () => {
        expect(guard('x', (_context: null, data: number) => data + 1)(null, 1)).toBe(2);
        expect(error).not.toHaveBeenCalled();
    });

    it('gives the data of a hook back when its listener throws, and says so by code', () => {
        const listener = guard<[null, string], string>('constructedPresence', () => {
            throw new RangeError('too far');
        });
        expect(listener(null, 'data')).toBe('data');
        expect(error).toHaveBeenCalledOnceWith(
            'converse-sip [SIP-005] A listener failed: constructedPresence: RangeError: too far',
        );
    });

    it('gives the data of a hook back when its listener fails later', async () => {
        const listener = guard<[null, string], string | Promise<string>>('h', () => Promise.reject(new Error('later')));
        expect(await listener(null, 'data')).toBe('data');
        expect(error).toHaveBeenCalledTimes(1);
    });

    it('survives what is thrown and no Error, and does not show it', () => {
        const listener = guard('h', () => {
            // eslint-disable-next-line @typescript-eslint/only-throw-error
            throw 'hunter2';
        });
        expect(() => listener()).not.toThrow();
        expect(error.calls.first().args[0]).not.toContain('hunter2');
    });

    it('keeps `this`', () => {
        const thing = {
            value: 7,
            get: guard('h', function (this: { value: number }) {
                return this.value;
            }),
        };
        expect(thing.get()).toBe(7);
    });
});

describe('notice', () => {
    it('writes one line by code at its level, cleaned and cut', () => {
        const warn = spyOn(console, 'warn');
        notice('SIP-107', `a\r\nb\u202e${'x'.repeat(5_000)}`);
        const line = warn.calls.first().args[0] as string;
        expect(line).toMatch(/^converse-sip \[SIP-107\] A call was refused: a b?x+…$/u);
        expect(line.length).toBeLessThan(400);
    });

    it('takes a detail with replacement patterns as it is', () => {
        const warn = spyOn(console, 'warn');
        notice('SIP-107', "$& $1 $'");
        expect(warn.calls.first().args[0]).toBe("converse-sip [SIP-107] A call was refused: $& $1 $'");
    });
});
