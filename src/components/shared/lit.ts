/**
 * lit as Converse brings it: the page has it already, and a second copy would be a tenth of all our code. The chunks with
 * elements are loaded after the door has set the host, so Converse is there when this is read.
 */
import type * as Lit from 'lit';
import { currentHost } from './host.js';

export type { PropertyValues, TemplateResult } from 'lit';

const host = currentHost();
if (host === null) throw new Error('no host yet');

export const { html, nothing, render } = host.env as unknown as Pick<typeof Lit, 'html' | 'nothing' | 'render'>;

/** Converse's own base class: a LitElement that draws into the light DOM. */
export const CustomElement = host._converse.exports['CustomElement'] as typeof Lit.LitElement;
