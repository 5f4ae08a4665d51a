/**
 * In place of `sip.js/lib/core/messages/incoming-message.js`, for sip.js' own requests and responses: header fields by their
 * names, without what reads them by a generated grammar of 250 kB. `parser.ts` has read what is needed.
 */
export class IncomingMessage {
    private readonly fields = new Map<string, string[]>();

    addHeader(name: string, value: string): void {
        const values = this.fields.get(name);
        if (values) values.push(value);
        else this.fields.set(name, [value]);
    }

    getHeaders(name: string): string[] {
        return [...(this.fields.get(name.toLowerCase()) ?? [])];
    }

    getHeader(name: string): string | undefined {
        return this.fields.get(name.toLowerCase())?.[0];
    }

    hasHeader(name: string): boolean {
        return this.fields.has(name.toLowerCase());
    }
}
