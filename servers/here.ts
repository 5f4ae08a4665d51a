import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the configuration files. */
export const here = path.dirname(fileURLToPath(import.meta.url));
