import { AddressBook } from '../../src/plugin/address-book/book.js';
import { knownAddresses } from '../../src/plugin/known-addresses.js';
import type { SidecarCommand } from '../../src/sip-sidecar/contract/index.js';
import { Wheel } from './support/wheel.js';

describe('The addresses of those who are known', () => {
    let wheel: Wheel;
    let sent: SidecarCommand[];
    let book: AddressBook;

    beforeEach(() => {
        wheel = new Wheel();
        sent = [];

        book = new AddressBook(() => undefined, { listed: () => changed() });
        const changed = knownAddresses(
            () => book.aors,
            wheel,
            (command) => sent.push(command),
        );
    });

    const lists = (jid: string, ...uris: string[]): void => book.put(jid, { source: 'pep', uris, seenAt: wheel.now() });

    it('reach the sidecar as addresses of record, all at once', () => {
        lists('bob@montague.lit', 'sip:bob@Example.net;gr=1', 'tel:+13035551212');
        lists('carol@montague.lit', 'sips:carol@example.net');
        wheel.turn(999);
        expect(sent).toEqual([]);
        wheel.turn(1);
        expect(sent).toEqual([
            { type: 'known', addresses: ['sip:bob@example.net', 'tel:+13035551212', 'sip:carol@example.net'] },
        ]);
    });

    it('are told again when one is added or gone, and not when only the availability changes', () => {
        lists('bob@montague.lit', 'sip:bob@example.net');
        wheel.turn(1_000);
        book.put('bob@montague.lit', {
            source: 'pep',
            uris: ['sip:bob@example.net'],
            availability: 'open',
            seenAt: wheel.now(),
        });
        lists('carol@montague.lit', 'sip:bob@example.net');
        wheel.turn(5_000);
        expect(sent.length).toBe(1);
        book.forget(['pep']);
        wheel.turn(1_000);
        expect(sent.at(-1)).toEqual({ type: 'known', addresses: [] });
    });

    it('are bounded', () => {
        for (let i = 0; i < 21_000; i += 1) lists(`${String(i)}@montague.lit`, `sip:${String(i)}@example.net`);
        wheel.turn(1_000);
        expect(sent.flatMap((command) => (command.type === 'known' ? command.addresses : [])).length).toBe(20_000);
    });
});
