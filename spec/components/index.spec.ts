/** The components in a real Converse on its mock connection. First in the page to start it: elements are defined once. */
import { view } from '../../src/components/index.js';
import type { LoggedCall } from '../../src/plugin/logged-call.js';
import type { Call } from '../../src/plugin/phone.js';
import { accessibilityProblems, allByRole, byRole, nameOf } from '../support/accessible.js';
import { House, MERCUTIO } from '../plugin/support/house.js';
import { until } from '../plugin/support/until.js';
import { screen } from '../support/stage.js';

const root = (): HTMLElement => document.querySelector<HTMLElement>('converse-root')!;
type Drawn = HTMLElement & { requestUpdate(): void; updateComplete: Promise<unknown> };

describe('the components in a real Converse', () => {
    let house: House;
    beforeEach(async () => {
        screen(1280, 800);
        house = await House.registered({ view });
    });

    const chat = async (): Promise<HTMLElement> => {
        await house._converse.api.chats.open(MERCUTIO, {}, true);
        return until('chat', () => document.querySelector<HTMLElement>(`converse-chat[jid="${MERCUTIO}"]`));
    };
    const button = (where: string, name: string): Promise<HTMLElement> =>
        until(name, () => {
            const place = document.querySelector(where);
            return place && allByRole(place, 'button', name)[0];
        });
    const comesIn = (): void => {
        house.sidecar.incoming({ callId: 'in-1', from: 'sip:mercutio@sip.montague.lit' });
    };

    it('put Call into the heading of a conversation, where it stays whatever is drawn again', async () => {
        house.reachable();
        await chat();
        await button('converse-chat-heading', 'Call');
        const heading = document.querySelector<Drawn>('converse-chat-heading')!;
        for (let turn = 0; turn < 3; turn++) {
            heading.requestUpdate();
            await heading.updateComplete;
        }
        expect(heading.querySelectorAll('converse-sip-heading').length).toBe(1);
        (await button('converse-chat-heading', 'Call')).click();
        await until('call', () => house.sidecar.sent('call')[0]);
        const region = await until('card', () => allByRole(root(), 'region', 'Call with mercutio@montague.lit')[0]);
        expect(byRole(region, 'status').textContent).toBe('Calling…');
        expect(await accessibilityProblems(root().querySelector('converse-sip-calls')!)).toEqual([]);
    });

    it('say in the heading why not, and within a moment that one can', async () => {
        await chat();
        expect((await button('converse-chat-heading', 'Call')).getAttribute('aria-disabled')).toBe('true');
        house.reachable();
        await until('enabled', () => !document.querySelector('converse-chat-heading .sip-call[aria-disabled]'));
    });

    it('show a call that comes in on top of everything, and a banner in the conversation', async () => {
        house.reachable();
        await chat();
        comesIn();
        const dialog = await until('dialog', () => allByRole(root(), 'alertdialog')[0]);
        expect(nameOf(dialog)).toBe('Incoming call from mercutio@montague.lit');
        byRole(dialog, 'button', 'Answer').click();
        const at = Date.now();
        house.sidecar.call('in-1', { type: 'answering' }, { type: 'answered', at }, { type: 'connected', at });
        await button('converse-sip-banner', 'Return to call');
        expect(document.querySelectorAll('converse-sip-calls').length).toBe(1);
    });

    it('leave nothing behind after logout', async () => {
        house.reachable();
        comesIn();
        await until('dialog', () => allByRole(root(), 'alertdialog')[0]);
        await house.logout();
        await until('gone', () => !document.querySelector('converse-sip-calls'));
        expect(document.title).not.toContain('Incoming call');
    });

    it('show in the history what was said in plain text, under the right day', async () => {
        const model = await house._converse.api.chats.open(MERCUTIO, {}, true);
        const times = ['2026-11-16T10:00:00.000Z', '2026-11-17T09:00:00.000Z', '2026-11-18T09:00:00.000Z'];
        for (const [index, time] of times.entries()) {
            await model!.createMessage({
                id: `sip-${String(index)}`,
                type: 'info',
                message: 'Missed call',
                time,
                is_ephemeral: false,
                sip_call: {
                    direction: 'incoming',
                    reason: 'missed',
                    video: false,
                    startedAt: Date.parse(time),
                    answeredAt: null,
                    endedAt: Date.parse(time),
                    address: 'sip:m@x',
                },
            });
        }
        await model!.createMessage({
            id: 'other',
            type: 'info',
            message: 'Not a call',
            time: '2026-11-18T09:01:00.000Z',
        });
        await until('entries', () => document.querySelectorAll('converse-sip-history .sip-missed').length === 3);
        expect(document.querySelectorAll('converse-chat .date-separator').length).toBe(3);
        expect(document.querySelector('converse-chat-content')!.textContent).toContain('Not a call');
        expect(allByRole(document.querySelector('converse-chat-content')!, 'button', 'Call back').length).toBe(3);
        // Another device had taken it, as turns out
        const first = model!.messages.get('sip-0')!;
        const kept = first.get('sip_call') as LoggedCall;
        first.save({ sip_call: { ...kept, reason: 'hung-up', answeredAt: kept.startedAt } });
        await until('answered', () => document.querySelectorAll('converse-sip-history .sip-missed').length === 2);
    });

    it('show the plain text of an entry of the history until the elements are there', async () => {
        const name = 'converse-sip-history';
        const known = await customElements.whenDefined(name);
        let define: (element: CustomElementConstructor) => void = () => undefined;
        const defined = new Promise<CustomElementConstructor>((done) => {
            define = done;
        });
        const usual = customElements.get.bind(customElements);
        const get = spyOn(customElements, 'get').and.callFake((tag) => (tag === name ? undefined : usual(tag)));
        spyOn(customElements, 'define');
        spyOn(customElements, 'whenDefined').and.returnValue(defined);
        const model = await house._converse.api.chats.open(MERCUTIO, {}, true);
        const time = '2026-11-16T10:00:00.000Z';
        const at = Date.parse(time);
        await model!.createMessage({
            id: 'sip-0',
            type: 'info',
            message: 'Missed call',
            time,
            is_ephemeral: false,
            sip_call: {
                direction: 'incoming',
                reason: 'missed',
                video: false,
                startedAt: at,
                answeredAt: null,
                endedAt: at,
                address: 'sip:m@x',
            },
        });
        const content = await until('text', () => {
            const there = document.querySelector('converse-chat-content');
            return there?.textContent.includes('Missed call') ? there : null;
        });
        expect(content.querySelector(name)).toBeNull();
        get.and.callFake(usual);
        define(known);
        await until('entry', () => content.querySelector(`${name} .sip-missed`));
        expect(content.textContent.split('Missed call').length).toBe(2);
    });

    it('add a line to the own profile and a symbol to the roster', async () => {
        const line = await button('converse-user-profile', 'Voice & video: ready');
        expect(line.closest('converse-user-profile')!.querySelectorAll('converse-sip-profile').length).toBe(1);
        await until('roster', () => document.querySelector(`converse-roster-contact converse-sip-availability`));
    });

    it('tell who is on the phone within a second, without drawing the list anew', async () => {
        house.reachable();
        const badge = await until('roster', () =>
            [...document.querySelectorAll('converse-roster-contact converse-sip-availability')].find(
                (each) => each.getAttribute('jid') === MERCUTIO,
            ),
        );
        const drawn: string[] = [];
        for (const name of ['converse-roster', 'converse-roster-contact']) {
            const { prototype } = customElements.get(name) as unknown as { prototype: Drawn };
            spyOn(prototype, 'requestUpdate').and.callFake(() => void drawn.push(name));
        }
        const began = performance.now();
        house.phone.reach.subscribe(MERCUTIO, () => drawn.push('reach'));
        const talks = `<activities xmlns='urn:ietf:params:xml:ns:pidf:rpid'><on-the-phone/></activities>`;
        house.reachable(MERCUTIO, undefined, `<basic xmlns='urn:ietf:params:xml:ns:pidf'>open</basic>${talks}`);
        await until('on the phone', () => allByRole(badge, 'img', 'On the phone')[0]);
        expect(performance.now() - began).toBeLessThan(1_000);
        expect(drawn).toEqual(['reach']);
    });

    it('show the addresses of a person in their details', async () => {
        house.reachable();
        const model = await house._converse.api.chats.open(MERCUTIO, {}, true);
        house._converse.api.modal!.show('converse-user-details-modal', { model });
        const panel = await until('addresses', () => document.querySelector<HTMLElement>('converse-sip-addresses'));
        const group = await until('list', () => allByRole(panel, 'radiogroup', 'Voice & video addresses')[0]);
        expect(allByRole(group, 'radio').map((each) => nameOf(each))).toEqual(['mercutio@sip.montague.lit']);
        const modal = panel.closest<Drawn & { tab: string }>('converse-user-details-modal')!;
        expect(await accessibilityProblems(panel)).toEqual([]);
        modal.tab = 'edit';
        modal.requestUpdate();
        await modal.updateComplete;
        expect(modal.querySelector('converse-sip-addresses')).toBeNull();
        allByRole(modal, 'button', 'Close')[0]!.click();
    });

    it('make buttons of addresses in messages, and mark those of a call', async () => {
        const model = await house._converse.api.chats.open(MERCUTIO, {}, true);
        const write = (id: string, body: string, more: object = {}): Promise<unknown> =>
            model!.createMessage({ id, msgid: id, type: 'chat', sender: 'them', from: MERCUTIO, body, ...more });
        await write('1', 'Call sip:mercutio@sip.montague.lit; see https://x.example/sip:no', { sip_call_id: 'c' });
        await write('2', '*bold +49 30 1234567* and nothing else');
        const content = await until('chat', () => document.querySelector<HTMLElement>('converse-chat-content'));
        await until('links', () => content.querySelectorAll('.sip-link').length === 2);
        expect([...content.querySelectorAll('.sip-link')].map((each) => each.textContent)).toEqual([
            'sip:mercutio@sip.montague.lit',
            '+49 30 1234567',
        ]);
        expect(allByRole(content, 'img', 'Written during the call').length).toBe(1);
        expect(await accessibilityProblems(content.querySelector('.sip-link')!)).toEqual([]);
        const ask = spyOn(house._converse.api, 'confirm' as never).and.resolveTo(false as never);
        content.querySelector<HTMLElement>('.sip-link')!.click();
        await until('question', () => ask.calls.count() === 1);
        expect(String((ask.calls.first() as { args: unknown[] }).args[0])).toContain('sip:mercutio@sip.montague.lit');
        expect(house.sidecar.sent('call')).toEqual([]);
    });

    it('open the settings as a dialog with a name; Escape closes it and the focus returns', async () => {
        const line = await button('converse-user-profile', 'Voice & video: ready');
        line.focus();
        line.click();
        const dialog = await until('dialog', () => allByRole(root(), 'dialog', 'Voice & video settings')[0]);
        await until('content', () => dialog.querySelector('converse-sip-settings select'));
        dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
        await until('closed', () => !document.querySelector('converse-sip-settings'));
        expect(document.activeElement).toBe(line);
    });

    it('stand above an open dialog, so that one can hang up', async () => {
        house.reachable();
        const placed = await house.phone.call(MERCUTIO, { video: false });
        expect(placed.ok).toBeTrue();
        const hangUp = await button('converse-sip-calls', 'Hang up');
        (await button('converse-user-profile', 'Voice & video: ready')).click();
        await until('content', () => document.querySelector('converse-sip-settings select'));
        hangUp.focus();
        expect(document.activeElement).toBe(hangUp);
        const { left, top, width, height } = hangUp.getBoundingClientRect();
        const on = document.elementFromPoint(left + width / 2, top + height / 2);
        expect(hangUp.contains(on)).toBeTrue();
        hangUp.click();
        expect(house.sidecar.sent('hang-up').length).toBe(1);
    });

    it('make room for a dialog when a call fills the stage', async () => {
        house.reachable();
        await house.phone.call(MERCUTIO, { video: true });
        const region = await until('card', () => allByRole(root(), 'region', /^Call with/u)[0]);
        await until('stage', () => region.classList.contains('sip-stage'));
        byRole(region, 'button', 'Voice & video settings').click();
        await until('content', () => document.querySelector('converse-sip-settings select'));
        await until('card', () => region.classList.contains('sip-card'));
        const dialog = allByRole(root(), 'dialog', 'Voice & video settings')[0]!;
        const close = allByRole(dialog, 'button', 'Close')[0]!;
        const { left, top, width, height } = close.getBoundingClientRect();
        expect(close.contains(document.elementFromPoint(left + width / 2, top + height / 2))).toBeTrue();
        close.click();
        await until('stage again', () => region.classList.contains('sip-stage'));
    });

    it('work again after a second initialize', async () => {
        await house.logout();
        house = await House.registered({ view });
        house.reachable();
        await chat();
        (await button('converse-chat-heading', 'Call')).click();
        await until('call', () => house.sidecar.sent('call')[0]);
        await button('converse-sip-calls', 'Hang up');
        expect(house.phone.calls.get().map(({ direction }: Call) => direction)).toEqual(['outgoing']);
    });
});
