/** XEP-0004 Data Forms: a form that is submitted. */
import { element } from './xml.js';

const DATA = 'jabber:x:data';

/** A form of that type (XEP-0068) with one value for each field. */
export function buildForm(type: string, fields: Readonly<Record<string, string>>): Element {
    const field = (name: string, value: string, kind?: string): Element =>
        element(DATA, 'field', { var: name, type: kind }, element(DATA, 'value', {}, value));
    return element(
        DATA,
        'x',
        { type: 'submit' },
        field('FORM_TYPE', type, 'hidden'),
        ...Object.entries(fields).map(([name, value]) => field(name, value)),
    );
}
