/** What a catalogue holds. */
import type { en } from './en.js';

/** The key of a text. */
export type TextKey = keyof typeof en;

/** A catalogue: a text for every key. `{name}` stands for a parameter. */
export type Catalogue = Readonly<Record<TextKey, string>>;
