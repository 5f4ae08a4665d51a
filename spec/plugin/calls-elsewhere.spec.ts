import { ignoreCallsElsewhere } from '../../src/plugin/calls-elsewhere.js';
import type { Roster } from '../../src/plugin/converse.js';
import { xml } from './support/xml.js';

describe('another own device on the phone', () => {
    const ON_THE_PHONE = `<activities xmlns='urn:ietf:params:xml:ns:pidf:rpid'><on-the-phone/></activities>`;
    const presence = (inside: string): Element => xml(`<presence xmlns='jabber:client'>${inside}</presence>`);

    it('hands its show and text to nobody, and those of the person as ever', () => {
        const copied: string[] = [];
        class Contacts {
            readonly name = 'roster';
            handleOwnPresence(stanza: Element): string {
                copied.push(stanza.textContent);
                return this.name;
            }
        }
        const roster = new Contacts();
        ignoreCallsElsewhere(roster as unknown as Roster);
        ignoreCallsElsewhere(roster as unknown as Roster);
        roster.handleOwnPresence(presence(`<show>dnd</show>${ON_THE_PHONE}`));
        expect(roster.handleOwnPresence(presence('<show>away</show>'))).toBe('roster');
        expect(copied).toEqual(['away']);
    });

    it('is no matter where Converse does it otherwise', () => {
        expect(() => ignoreCallsElsewhere({} as unknown as Roster)).not.toThrow();
    });
});
