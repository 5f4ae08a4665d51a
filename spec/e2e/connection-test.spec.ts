import { story } from './support/house.js';
import { until } from './support/until.js';

describe('The connection test', () => {
    story('finds real servers and devices, and the log is copied without a secret', async (house) => {
        const alice = await house.enter('alice');
        await alice.opensSettings();
        const { settings } = alice;
        await settings.getByRole('button', { name: 'Test the connection' }).click();
        await until('the test is over', async () => settings.getByText(/^Connection test: \d/u).isVisible());
        const lines = await settings.locator('.sip-checks li').allInnerTexts();
        expect(lines.map((line) => line.split('\n')[0]!.trim())).toEqual([
            'Secure page: passed',
            'Microphone: passed',
            'Camera: passed',
            'Speaker: passed',
            'SIP server reached: passed',
            'Signed in: passed',
            'Registered for calls: passed',
            'STUN: passed',
            'TURN over UDP: passed',
            'TURN over TCP: passed',
            'TURN over TLS: skipped',
            'Your contacts see your address: passed',
        ]);
        expect(await alice.accessibilityProblems()).toEqual([]);

        await alice.frame.evaluate(() => {
            Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error()) } });
        });
        await settings.getByRole('button', { name: 'Copy log for the administrator' }).click();
        const field = settings.getByRole('textbox', { name: /Copy this text/u });
        await until('the log is there', () => field.isVisible());
        const log = await field.inputValue();
        expect(log).toContain('REGISTER sip:');
        expect(log).toContain('address-visible: passed');
        expect(log).not.toContain(house.servers.user('alice').password);
        expect(log).not.toMatch(/response=/iu);
        await alice.closesSettings();
    });
});
