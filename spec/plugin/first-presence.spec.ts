import { LONGEST, whenRegistered } from '../../src/plugin/first-presence.js';
import { Value } from '../../src/plugin/observable.js';
import type { Registration } from '../../src/sip-sidecar/contract/index.js';
import { settled } from './support/until.js';
import { Wheel } from './support/wheel.js';

const CONNECTING = { state: 'connecting' } as Registration;
const REGISTERED: Registration = {
    state: 'registered',
    aor: 'sip:alice@sip.example.net',
    gruu: null,
};

describe('the first presence that waits for the registration', () => {
    let wheel: Wheel;
    let registration: Value<Registration>;
    let sent: boolean;
    beforeEach(() => {
        wheel = new Wheel();
        registration = new Value<Registration>({ state: 'off' });
        sent = false;
    });
    const wait = (): void => void whenRegistered(registration, wheel).then(() => (sent = true));

    it('goes out once it is there', async () => {
        wait();
        registration.set(CONNECTING);
        await settled();
        expect(sent).toBeFalse();
        registration.set(REGISTERED);
        await settled();
        expect(sent).toBeTrue();
        expect(wheel.waiting).toBe(0);
    });

    it('goes out at once where it is there already, or is known not to come', async () => {
        for (const known of [REGISTERED, { state: 'needs-credentials' } as Registration]) {
            registration.set(known);
            sent = false;
            wait();
            await settled();
            expect(sent).toBeTrue();
        }
    });

    it('does not keep the person off line for ever', async () => {
        wait();
        registration.set(CONNECTING);
        wheel.turn(LONGEST);
        await settled();
        expect(sent).toBeTrue();
    });
});
