/** `/call` in the chat input: what it does is in `commands.ts`, which is loaded once somebody is logged in. */

/** Whether a text is that command: then it is not sent. */
export function isCommand(text: string): boolean {
    return /^\s*\/call(?!\S)/iu.test(text);
}
