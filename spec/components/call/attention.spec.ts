import { Attention, type Alert } from '../../../src/components/call/attention.js';

const ALERT: Alert = { title: 'Incoming call from Bob', body: '', icon: '', notify: false, flash: false };

describe('attention for a call that comes in', () => {
    let attention: Attention;
    let pressed: number;
    beforeEach(() => {
        jasmine.clock().install();
        document.title = 'The site';
        pressed = 0;
        attention = new Attention(() => pressed++);
    });
    afterEach(() => {
        attention.show(null);
        jasmine.clock().uninstall();
    });

    it('changes the title of the page while it rings, and puts it back', () => {
        attention.show(ALERT);
        attention.show({ ...ALERT, body: 'changed' });
        expect(document.title).toBe('Incoming call from Bob');
        attention.show(null);
        expect(document.title).toBe('The site');
    });

    it('leaves a title alone that the page has changed meanwhile', () => {
        attention.show(ALERT);
        document.title = '(3) The site';
        attention.show(null);
        expect(document.title).toBe('(3) The site');
    });

    it('flashes the title while nothing can be heard', () => {
        attention.show({ ...ALERT, flash: true });
        jasmine.clock().tick(1000);
        expect(document.title).toBe('The site');
        jasmine.clock().tick(1000);
        expect(document.title).toBe('Incoming call from Bob');
        attention.show(ALERT);
        jasmine.clock().tick(5000);
        expect(document.title).toBe('Incoming call from Bob');
    });

    describe('on the desktop', () => {
        class FakeNotification {
            static permission = 'granted';
            static made: FakeNotification[] = [];
            onclick: (() => void) | null = null;
            closed = false;
            constructor(
                readonly title: string,
                readonly options: object,
            ) {
                FakeNotification.made.push(this);
            }
            close(): void {
                this.closed = true;
            }
        }
        const real = Object.getOwnPropertyDescriptor(window, 'Notification')!;
        let hidden: boolean;
        beforeEach(() => {
            FakeNotification.made = [];
            FakeNotification.permission = 'granted';
            Object.defineProperty(window, 'Notification', { configurable: true, value: FakeNotification });
            hidden = true;
            spyOnProperty(document, 'hidden').and.callFake(() => hidden);
        });
        afterEach(() => {
            Object.defineProperty(window, 'Notification', real);
        });

        it('is raised once where the page is hidden, leads to the call, and goes when it ends', () => {
            attention.show({ ...ALERT, notify: true });
            attention.show({ ...ALERT, notify: true });
            expect(FakeNotification.made.map(({ title }) => title)).toEqual(['Incoming call from Bob']);
            FakeNotification.made[0]!.onclick?.();
            expect(pressed).toBe(1);
            attention.show(null);
            expect(FakeNotification.made[0]!.closed).toBeTrue();
        });

        it('is not raised for a page that is seen, without permission, or where it is not wanted', () => {
            hidden = false;
            attention.show({ ...ALERT, notify: true });
            attention.show(null);
            hidden = true;
            attention.show(ALERT);
            attention.show(null);
            FakeNotification.permission = 'default';
            attention.show({ ...ALERT, notify: true });
            expect(FakeNotification.made).toEqual([]);
        });

        it('may be refused by the browser', () => {
            Object.defineProperty(window, 'Notification', {
                configurable: true,
                value: class extends FakeNotification {
                    constructor() {
                        super('', {});
                        throw new TypeError('Illegal constructor');
                    }
                },
            });
            expect(() => attention.show({ ...ALERT, notify: true })).not.toThrow();
        });
    });
});
