import { KeyedValues } from '../../src/plugin/keyed.js';

describe('keyed values', () => {
    let source: Map<string, number>;
    let computed: string[];
    let values: KeyedValues<number>;
    beforeEach(() => {
        source = new Map();
        computed = [];
        values = new KeyedValues(
            (key) => {
                computed.push(key);
                return source.get(key) ?? 0;
            },
            (a, b) => a === b,
            (key) => key.toLowerCase(),
        );
    });

    it('are computed once while somebody watches', () => {
        const end = values.subscribe('A', () => undefined);
        values.get('a');
        values.get('A');
        expect(computed).toEqual(['a']);
        end();
        values.get('a');
        values.get('a');
        expect(computed).toEqual(['a', 'a', 'a']);
    });

    it('tell real changes only, under every writing of the key', () => {
        const told: number[] = [];
        values.subscribe('Bob', (value) => told.push(value));
        values.changed('bob');
        source.set('bob', 1);
        values.changed('BOB');
        values.changed();
        source.set('bob', 2);
        values.changed();
        expect(told).toEqual([1, 2]);
    });

    it('end a subscription alone, also while telling', () => {
        const told: string[] = [];
        const end = values.subscribe('a', () => {
            told.push('first');
            end();
        });
        values.subscribe('a', () => told.push('second'));
        source.set('a', 1);
        values.changed('a');
        source.set('a', 2);
        values.changed('a');
        expect(told).toEqual(['first', 'second', 'second']);
    });

    it('cost nothing where nobody watches', () => {
        values.changed('a');
        values.changed();
        expect(computed).toEqual([]);
    });
});
