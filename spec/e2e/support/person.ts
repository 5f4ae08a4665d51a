/** A person at a page: what they do and what they notice, in words. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { BrowserContext, Frame, Locator, Page } from 'playwright-core';
import type { AxeResults, RunOptions } from 'axe-core';
import { flows, type Flow, type SipMessage } from './probe.js';
import { until, PATIENCE } from './until.js';

/** One line of the page's console, or an error that nobody caught. */
export interface ConsoleLine {
    readonly type: string;
    readonly text: string;
    /** The script it comes from. */
    readonly source: string;
}

/** Who is at the other end, as a page shows it. */
export interface ShownParty {
    readonly name: string;
    /** The SIP address beside the name; empty where that is the name. */
    readonly address: string;
    /** How sure it is; empty where a plain name says it. */
    readonly words: string;
    /** What the other side calls itself. */
    readonly claim: string;
    /** The shape: `shield`, `claim`, `warning`, … */
    readonly mark: string;
    /** Whether there is a contact's picture. */
    readonly avatar: boolean;
}

/** A call as scripts see it. */
export interface SeenCall {
    readonly id: string;
    readonly address: string;
    readonly thread: string | null;
    readonly sipCallIds: readonly string[];
    readonly identity: { readonly level: string; readonly jid: string | null; readonly reasons: readonly string[] };
    readonly state: { readonly name: string };
}

/** How many packets of RTP (20 ms of sound each) are looked at to tell silence from sound: longer than a beep's pause. */
const ENOUGH_PACKETS = 75;
/** Below this, what comes in over {@link ENOUGH_PACKETS} is silence; one beep of a fake microphone is a thousand times more. */
const SILENCE = 1e-5;

let axeSource: Promise<string> | null = null;

/** The accessibility rules that hold: WCAG 2.2, levels A and AA. */
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** A person at a page. Every method that waits gives up after {@link PATIENCE} and says what it waited for. */
export class Person {
    readonly console: ConsoleLine[] = [];
    /** Console lines of the plugin that this story is about. */
    private readonly expected: RegExp[] = [];
    private frame_: Frame | null = null;
    /** With whom the conversation is open that is looked at. */
    private partner: string | null = null;

    /** @param name the user name: `alice` */
    constructor(
        readonly name: string,
        readonly domain: string,
        readonly page: Page,
        readonly context: BrowserContext,
    ) {
        page.on('console', (message) =>
            this.console.push({ type: message.type(), text: message.text(), source: message.location().url }),
        );
        page.on('pageerror', (error) =>
            this.console.push({ type: 'uncaught', text: error.message, source: error.stack ?? '' }),
        );
    }

    // The page

    /** Where Converse is: the page, or a frame in it. */
    get frame(): Frame {
        return this.frame_ ?? this.page.mainFrame();
    }

    /** Opens the page and waits until the roster is there. */
    async opens(url: string, framed = false): Promise<void> {
        await this.page.goto(url);
        if (framed) await this.goesIntoFrame('iframe');
        await this.isOnline();
    }

    /** From now on, the page of this person is a frame of the page. */
    async goesIntoFrame(selector: string): Promise<void> {
        const element = await this.page.waitForSelector(selector);
        this.frame_ = await element.contentFrame();
    }

    /** Chat is connected and the roster is there. */
    async isOnline(): Promise<void> {
        await until(`${this.name} is online`, () => this.frame.evaluate(() => window.atHome ?? false));
    }

    async reloads(): Promise<void> {
        this.partner = null;
        await this.page.reload();
        await this.isOnline();
    }

    /** Closes the tab; the browser profile stays as long as another tab of it is open. */
    async closesTheTab(): Promise<void> {
        await this.page.close();
    }

    /** The state of the registration, as scripts see it. */
    registration(): Promise<string> {
        return this.frame.evaluate(() => window.inside?.api.sip?.registration().state ?? 'no plugin');
    }

    async isRegistered(patience = PATIENCE): Promise<void> {
        await this.registrationBecomes('registered', patience);
    }

    async registrationBecomes(state: string, patience = PATIENCE): Promise<void> {
        await until(
            `${this.name}'s registration is ${state}`,
            async () => {
                const now = await this.registration();
                if (now !== state) throw new Error(now);
                return true;
            },
            patience,
        );
    }

    // Conversations

    jidOf(name: string): string {
        return `${name.toLowerCase()}@${this.domain}`;
    }

    /** The conversation with that person, or the one that was opened last. */
    chat(name = this.partner ?? ''): Locator {
        return this.frame.locator(`converse-chat[jid="${this.jidOf(name)}"]`);
    }

    /** Opens the conversation from the list of contacts; an embedded chat has only the one that is open. */
    async opensChatWith(name: string): Promise<void> {
        this.partner = name;
        const contact = this.frame.locator(`a.open-chat[data-jid="${this.jidOf(name)}"]`).first();
        const input = this.chat().locator('textarea');
        await until(`${this.name} has opened the chat with ${name}`, async () => {
            if (await input.isVisible()) return true;
            if (await contact.isVisible()) await contact.click({ timeout: 1000 });
            return input.isVisible();
        });
    }

    /** Closes the conversation that is open; in some view modes the button for it is in the menu. */
    async closesChat(): Promise<void> {
        const chat = this.chat();
        const close = chat.locator('converse-chat-heading').getByRole('button', { name: 'Close', exact: true });
        if (!(await close.isVisible())) await chat.getByRole('button', { name: 'Menu', exact: true }).first().click();
        await close.click();
        await chat.waitFor({ state: 'detached' });
    }

    /** Minimizes the conversation that is open (overlayed chats only). */
    async minimizesChat(): Promise<void> {
        const chat = this.chat();
        await chat
            .getByRole('button', { name: /^Minimize/ })
            .first()
            .click();
        await chat.waitFor({ state: 'detached' });
    }

    /** So many messages and calls are unread with that contact. */
    async hasUnread(name: string, count: number): Promise<void> {
        // A contact with something new stands in the list twice
        const contact = this.frame.locator(`a.open-chat[data-jid="${this.jidOf(name)}"]`).first();
        await until(`${this.name} has ${String(count)} unread of ${name}`, async () => {
            const badges = await contact.locator('.msgs-indicator').allInnerTexts();
            if (Number(badges[0] ?? 0) !== count) throw new Error(badges.join());
            return true;
        });
    }

    /** Writes into the conversation that is open and sends. */
    async writes(text: string): Promise<void> {
        const input = this.chat().locator('textarea');
        await input.fill(text);
        await input.press('Enter');
    }

    async reads(text: string): Promise<void> {
        await this.chat().locator('converse-chat-message').filter({ hasText: text }).first().waitFor();
    }

    /** Calls in the history of the conversation that is open, oldest first, each as its words. */
    async history(): Promise<string[]> {
        return this.frame.evaluate(
            (jid) => {
                const chat = document.querySelector(`converse-chat[jid="${jid}"]`);
                const messages = [...(chat?.querySelectorAll('converse-chat-message') ?? [])];
                return messages
                    .filter((message) => (message as unknown as InsideMessage).model?.get('sip_call'))
                    .map((message) => (message as HTMLElement).innerText.replace(/\s+/gu, ' ').trim());
            },
            this.jidOf(this.partner ?? ''),
        );
    }

    /** Waits until the newest call in the history is told in words like these. */
    async findsInHistory(words: RegExp): Promise<string> {
        return until(`${this.name}'s history says ${String(words)}`, async () => {
            const entries = await this.history();
            const last = entries.at(-1) ?? '';
            if (!words.test(last)) throw new Error(JSON.stringify(entries));
            return last;
        });
    }

    // Calls

    /** A control by its accessible name; `Call` and `Video call` are those of the conversation that is open. */
    button(name: string): Locator {
        const ofTheChat = (name === 'Call' || name === 'Video call') && this.partner;
        const scope = ofTheChat ? this.chat().locator('converse-chat-heading') : this.frame;
        return scope.getByRole('button', { name, exact: true }).filter({ visible: true });
    }

    async presses(name: string): Promise<void> {
        await this.button(name).click();
    }

    /** Opens the conversation and presses `Call`, or `Video call`, as soon as it can be pressed. */
    async calls(name: string, kind: 'Call' | 'Video call' = 'Call'): Promise<void> {
        await this.opensChatWith(name);
        await this.canPress(kind);
        await this.presses(kind);
    }

    /** The control is there and can be used. */
    async canPress(name: string, patience = PATIENCE): Promise<void> {
        await until(
            `${this.name} can press ${name}`,
            async () => {
                const button = this.button(name);
                if ((await button.count()) === 0) throw new Error('it is not there');
                const disabled = await button.first().getAttribute('aria-disabled');
                if (disabled === 'true') throw new Error(`disabled: ${await this.whyNot(name)}`);
                return true;
            },
            patience,
        );
    }

    /** The control is there and cannot be used, for this reason. */
    async cannotPress(name: string, because: string | RegExp, patience = PATIENCE): Promise<void> {
        await until(
            `${this.name} cannot press ${name}: ${String(because)}`,
            async () => {
                const button = this.button(name);
                const disabled = (await button.count()) > 0 && (await button.first().getAttribute('aria-disabled'));
                if (disabled !== 'true') throw new Error(`aria-disabled: ${String(disabled)}`);
                const why = await this.whyNot(name);
                if (typeof because === 'string' ? why !== because : !because.test(why)) throw new Error(why);
                return true;
            },
            patience,
        );
    }

    /** The description of a control: what `aria-describedby` leads to. */
    async whyNot(name: string): Promise<string> {
        return this.button(name)
            .first()
            .evaluate((element) => {
                const ids = (element.getAttribute('aria-describedby') ?? '').split(/\s+/u);
                return ids.map((id) => document.getElementById(id)?.textContent.trim() ?? '').join(' ');
            });
    }

    incoming(name: string): Locator {
        return this.frame.getByRole('alertdialog', { name: `Incoming call from ${name}`, exact: true });
    }

    async seesIncomingCallFrom(name: string): Promise<void> {
        await this.incoming(name).waitFor();
    }

    callWith(name: string): Locator {
        return this.frame.getByRole('region', { name: `Call with ${name}`, exact: true });
    }

    /** Any call that is on the screen. */
    get anyCall(): Locator {
        return this.frame.getByRole('region', { name: /^Call with / });
    }

    // Who is at the other end

    /** The incoming dialog, or the call that is on the screen. */
    get party(): Locator {
        return this.frame
            .getByRole('alertdialog', { name: /^Incoming call from / })
            .or(this.anyCall)
            .filter({ visible: true });
    }

    /** What the incoming dialog, or the call on the screen, says about who is at the other end. */
    async shownParty(): Promise<ShownParty> {
        return this.party.first().evaluate((element) => {
            const words = (selector: string) =>
                element.querySelector<HTMLElement>(selector)?.innerText.replace(/\s+/gu, ' ').trim() ?? '';
            return {
                name: words('.sip-name'),
                address: words('.sip-address'),
                words: words('.sip-level'),
                claim: words('.sip-claim'),
                mark: element.querySelector<HTMLElement>('.sip-who')?.dataset['mark'] ?? '',
                avatar: element.querySelector('.sip-avatar converse-avatar') !== null,
            };
        });
    }

    /**
     * The other side is shown like this, in the incoming dialog or in the call: what is not given may be anything.
     * @returns all that is shown
     */
    async isShown(wanted: Partial<ShownParty>): Promise<ShownParty> {
        return until(`${this.name} is shown ${JSON.stringify(wanted)}`, async () => {
            const shown = await this.shownParty();
            const differs = (Object.keys(wanted) as (keyof ShownParty)[]).some((key) => shown[key] !== wanted[key]);
            if (differs) throw new Error(JSON.stringify(shown));
            return shown;
        });
    }

    /** The words about how sure it is who is at the other end, in the incoming dialog or in the call. */
    async isShownAs(words: string): Promise<ShownParty> {
        return this.isShown({ words });
    }

    /** What scripts are told about the call that came or went last. */
    async lastCall(): Promise<SeenCall> {
        const call = await this.script((api) => api.sip?.calls().at(-1));
        if (!call) throw new Error(`${this.name} has no call`);
        return call as SeenCall;
    }

    /** The last call is at that level (PROTOCOL.md 8.8). */
    async isSure(level: string): Promise<SeenCall> {
        return until(`${this.name}'s call is at level ${level}`, async () => {
            const call = await this.lastCall();
            if (call.identity.level !== level) throw new Error(JSON.stringify(call.identity));
            return call;
        });
    }

    /** The reasons for that, once they are asked for. */
    async asksWhy(): Promise<string[]> {
        const why = this.party.getByRole('button', { name: 'How is this known?' }).first();
        if ((await why.getAttribute('aria-expanded')) !== 'true') await why.click();
        return this.party.locator('.sip-reasons li').allInnerTexts();
    }

    /** Presses `Chat` in the call and writes there from now on. @param name whose conversation opens */
    async pressesChat(name: string): Promise<void> {
        await this.anyCall.getByRole('button', { name: 'Chat', exact: true }).click();
        this.partner = name;
        await this.chat().locator('textarea').waitFor();
    }

    /** A message of the conversation that is open is shown as written during a call. */
    async seesInTheCall(text: string): Promise<void> {
        await this.chat()
            .locator('converse-chat-message')
            .filter({ hasText: text })
            .locator('converse-sip-in-call')
            .getByRole('img', { name: 'Written during the call' })
            .waitFor();
    }

    /** A message of the conversation that is open is there, and not shown as written during a call. */
    async seesOutsideOfCalls(text: string): Promise<void> {
        await this.reads(text);
        await until(`${this.name} sees ${text} as no part of a call`, async () => {
            const message = this.chat().locator('converse-chat-message').filter({ hasText: text });
            return (await message.locator('converse-sip-in-call').count()) === 0;
        });
    }

    // Availability

    /** The words beside a contact in the roster, and those of `Call` where the conversation with them is open. */
    private async availabilityOf(name: string): Promise<{ roster: string; heading: string }> {
        const symbol = this.frame.locator(`converse-sip-availability[jid="${this.jidOf(name)}"] [role=img]`).first();
        const roster = (await symbol.count()) > 0 ? ((await symbol.getAttribute('aria-label')) ?? '') : '';
        if (this.partner?.toLowerCase() !== name.toLowerCase()) return { roster, heading: roster };
        return { roster, heading: await this.whyNot('Call') };
    }

    /** The roster shows that contact on the phone, and so does the heading of the conversation, where it is open. */
    async seesOnThePhone(name: string, patience = PATIENCE): Promise<void> {
        await until(
            `${this.name} sees ${name} on the phone`,
            async () => {
                const seen = await this.availabilityOf(name);
                // In a call of one's own, that is what keeps one from calling
                if (seen.roster !== 'On the phone' || !/^(?:On the phone|You are in a call\.)$/u.test(seen.heading))
                    throw new Error(JSON.stringify(seen));
                return true;
            },
            patience,
        );
    }

    /** Neither roster nor heading show that contact on the phone. */
    async seesNotOnThePhone(name: string, patience = PATIENCE): Promise<void> {
        await until(
            `${this.name} does not see ${name} on the phone`,
            async () => {
                const seen = await this.availabilityOf(name);
                if (JSON.stringify(seen).includes('On the phone')) throw new Error(JSON.stringify(seen));
                return true;
            },
            patience,
        );
    }

    /** The call on the screen says this; `Calling…`, `In call`, … */
    async isTold(words: string | RegExp, patience = PATIENCE): Promise<void> {
        await this.anyCall.getByRole('status').filter({ hasText: words }).first().waitFor({ timeout: patience });
    }

    async isInCallWith(name: string, patience = PATIENCE): Promise<void> {
        await this.callWith(name)
            .getByRole('status')
            .filter({ hasText: 'In call' })
            .first()
            .waitFor({ timeout: patience });
    }

    /** A toggle is pressed, or not. */
    async hasPressed(name: string, pressed: boolean): Promise<void> {
        await until(`${this.name}'s ${name} is ${pressed ? 'pressed' : 'not pressed'}`, async () => {
            const now = await this.button(name).first().getAttribute('aria-pressed');
            if (now !== String(pressed)) throw new Error(`aria-pressed: ${String(now)}`);
            return true;
        });
    }

    /** Makes the call as small as it gets: the bar. */
    async shrinksTheCall(): Promise<void> {
        const smaller = this.anyCall.getByRole('button', { name: 'Smaller', exact: true });
        await smaller.click();
        await until(`${this.name}'s call is a bar`, async () => {
            if (await smaller.isVisible()) await smaller.click();
            return !(await smaller.isVisible()) && (await this.callHeight()) < 100;
        });
    }

    /** How high the call is on the screen, in CSS pixels; 0: it is not there. */
    async callHeight(): Promise<number> {
        return (await this.anyCall.first().boundingBox())?.height ?? 0;
    }

    /** No call and no dialog is on the screen any more. */
    async seesNoCall(): Promise<void> {
        await until(`${this.name} sees no call`, async () => {
            const regions = await this.anyCall.filter({ visible: true }).count();
            const dialogs = await this.frame.getByRole('alertdialog').filter({ visible: true }).count();
            return regions + dialogs === 0;
        });
    }

    // What is heard and seen

    /** What is sent and received now. */
    flows(): Promise<Flow[]> {
        return this.frame.evaluate(flows);
    }

    private async received(kind: Flow['kind']): Promise<Pick<Flow, 'packets' | 'energy' | 'frames'>> {
        const all = (await this.flows()).filter((flow) => flow.direction === 'in' && flow.kind === kind);
        const sum = (key: 'packets' | 'energy' | 'frames') => all.reduce((total, flow) => total + flow[key], 0);
        return { packets: sum('packets'), energy: sum('energy'), frames: sum('frames') };
    }

    /** Sound comes in from now on: packets, and energy in them. */
    async hears(): Promise<void> {
        const before = await this.received('audio');
        await until(`${this.name} hears`, async () => {
            const now = await this.received('audio');
            if (now.packets <= before.packets || now.energy <= before.energy)
                throw new Error(JSON.stringify({ before, now }));
            return true;
        });
    }

    /** Packets come in, but no sound is in them; waits for sound that is under way to end. */
    async hearsSilence(): Promise<void> {
        let start = await this.received('audio');
        await until(`${this.name} hears silence`, async () => {
            const now = await this.received('audio');
            if (now.energy - start.energy > SILENCE) start = now;
            if (now.packets - start.packets < ENOUGH_PACKETS) throw new Error(JSON.stringify({ start, now }));
            return true;
        });
    }

    /** Nothing comes in at all: the other side does not send. */
    async receivesNothing(kind: Flow['kind'] = 'audio'): Promise<void> {
        let last = await this.received(kind);
        let since = Date.now();
        await until(`${this.name} receives no ${kind}`, async () => {
            const now = await this.received(kind);
            if (now.packets !== last.packets) since = Date.now();
            last = now;
            return Date.now() - since > 1000;
        });
    }

    /** Pictures come in from now on, and are shown. */
    async sees(): Promise<void> {
        const before = await this.received('video');
        await until(`${this.name} sees`, async () => {
            const now = await this.received('video');
            if (now.frames <= before.frames) throw new Error(JSON.stringify({ before, now }));
            return true;
        });
        await until(`${this.name}'s page shows the picture`, () =>
            this.anyCall
                .locator('video')
                .evaluateAll((videos) =>
                    videos.some(
                        (video) => video instanceof HTMLVideoElement && video.videoWidth > 0 && video.clientWidth > 0,
                    ),
                ),
        );
    }

    /** The other side's picture is not shown any more. */
    async seesNoPicture(): Promise<void> {
        await until(
            `${this.name} sees no picture`,
            async () => (await this.anyCall.locator('video.sip-remote').count()) === 0,
        );
    }

    /** The SIP messages of the page. */
    sip(): Promise<SipMessage[]> {
        return this.frame.evaluate(() => recorded.sip);
    }

    /** How many INVITE requests went out or came in: one a call, and one for every renegotiation. */
    async invites(): Promise<number> {
        return (await this.sip()).filter((message) => message.method === 'INVITE' && message.status === null).length;
    }

    /** Microphones and cameras that are on. */
    liveTracks(): Promise<string[]> {
        return this.frame.evaluate(() =>
            recorded.tracks
                .filter((track) => track.readyState === 'live')
                .map((track) => `${track.kind} ${track.label}`),
        );
    }

    openConnections(): Promise<number> {
        return this.frame.evaluate(
            () => recorded.connections.filter((connection) => connection.signalingState !== 'closed').length,
        );
    }

    // Settings

    get settings(): Locator {
        return this.frame.getByRole('dialog', { name: 'Voice & video settings' });
    }

    /** Opens `Voice & video settings` from the call that is up, or from the own profile line. */
    async opensSettings(): Promise<void> {
        const inCall = this.anyCall.getByRole('button', { name: 'Voice & video settings' });
        if (await inCall.isVisible()) await inCall.click();
        else await this.frame.getByRole('button', { name: /^Voice & video: / }).click();
        // Once it is there to its full extent
        await this.frame.locator('converse-sip-settings-modal[aria-hidden="false"]').waitFor();
    }

    async closesSettings(): Promise<void> {
        await this.settings.getByRole('button', { name: 'Close' }).first().click();
        await this.settings.waitFor({ state: 'hidden' });
    }

    /** @param which `Microphone`, `Camera`, `Speaker` */
    async choosesDevice(which: string, label: string): Promise<void> {
        await this.settings.getByLabel(which, { exact: true }).selectOption({ label });
    }

    // The rest

    /** Scripts of the site: `api.sip`. */
    script<T>(run: (api: InsideApi) => T | Promise<T>): Promise<T> {
        // The function is sent as text: it sees nothing but its argument.
        return this.frame.evaluate(`(${run.toString()})(window.inside.api)`);
    }

    /** Says that a line of the plugin on the console is what this story is about. */
    mayComplain(...lines: RegExp[]): void {
        this.expected.push(...lines);
    }

    /** Lines of the plugin on the console by code: `SIP-101`. */
    notices(code: string): ConsoleLine[] {
        return this.console.filter((line) => line.text.includes(`[${code}]`));
    }

    /** Errors on the console that are ours: of our scripts, or with our name. */
    get complaints(): string[] {
        return this.console
            .filter(({ type }) => type === 'error' || type === 'uncaught')
            .filter(({ text, source }) => text.includes('converse-sip') || /\/(?:plugin|dist)\//.test(source))
            .map(({ type, text, source }) => `${type}: ${text} (${source})`)
            .filter((line) => !this.expected.some((pattern) => pattern.test(line)));
    }

    /** Nothing is left of the calls: no microphone, no camera, no connection; and no error of ours. */
    async leavesNothing(): Promise<void> {
        if (!this.page.isClosed()) {
            await until(`${this.name}'s microphone and camera are off`, async () => {
                const live = await this.liveTracks();
                if (live.length > 0) throw new Error(live.join(', '));
                return true;
            });
            await until(`${this.name} has no open peer connection`, async () => (await this.openConnections()) === 0);
        }
        if (this.complaints.length > 0) throw new Error(`${this.name}'s console: ${this.complaints.join('\n')}`);
    }

    /** What the WCAG 2.2 AA rules find wrong in the plugin's own elements, one line each. */
    async accessibilityProblems(): Promise<string[]> {
        axeSource ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
        await this.frame.evaluate(`if (!window.axe) { ${await axeSource} }`);
        // A colour half-way through a transition is none that anybody reads
        await this.frame.evaluate(async () => {
            const passing = document
                .getAnimations()
                .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
            await Promise.allSettled(passing.map(({ finished }) => finished));
        });
        return this.frame.evaluate(async (tags) => {
            const ours = [...document.querySelectorAll('*')].filter((element) =>
                element.localName.startsWith('converse-sip'),
            );
            if (ours.length === 0) return ['there is nothing of the plugin on the page'];
            const { violations } = await window.axe.run(ours, { runOnly: tags, resultTypes: ['violations'] });
            return violations.flatMap(({ id, nodes }) =>
                nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`),
            );
        }, WCAG);
    }

    /** A picture for the documentation, only when asked for (SCREENSHOTS=1). */
    async screenshot(name: string): Promise<void> {
        if (process.env['SCREENSHOTS'] !== '1') return;
        await this.picture(path.resolve('screenshots', `${name}.png`));
    }

    /** @returns the path */
    async picture(file: string): Promise<string> {
        mkdirSync(path.dirname(file), { recursive: true });
        await this.page.screenshot({ path: file, timeout: 5000 });
        return file;
    }
}

/** A message element of Converse. */
interface InsideMessage {
    readonly model?: { get(name: string): unknown };
}

/** What specs use of Converse's private API. */
export interface InsideApi {
    readonly sip?: {
        registration(): { readonly state: string };
        call(target: string, options?: { video?: boolean }): Promise<unknown>;
        answer(callId: string): unknown;
        hangUp(callId: string): unknown;
        calls(): readonly { readonly id: string; readonly state: { readonly name: string } }[];
        lookup(jid: string): unknown;
    };
    readonly user: {
        logout(): Promise<void>;
        jid(): string;
        readonly status: { set(show: string, text?: string): Promise<void> };
    };
    readonly connection: { connected(): boolean | undefined };
    readonly chats: { get(jid: string): Promise<{ get(name: string): unknown }> };
    readonly settings: { set(name: string, value: unknown): void };
    readonly modal: { show(name: string): void };
}

declare global {
    interface Window {
        readonly inside?: { readonly api: InsideApi };
        readonly atHome?: Promise<true>;
        readonly axe: { run(context: readonly Element[], options: RunOptions): Promise<AxeResults> };
    }
}
