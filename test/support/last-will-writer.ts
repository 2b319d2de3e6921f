/**
 * Writes a last will for a directory of the second argument in that of the first, then what the others say one after the other:
 * `outlive`, `die`, `revoke`. Says so by a dot, and waits to be killed.
 */
import { openSync, writeSync } from 'node:fs';
import { LastWill } from '../../src/platform/last-will.ts';

const [parent = '', name = '', ...words] = process.argv.slice(2);
const will = LastWill.write({ parent: openSync(parent, 'r'), name, files: ['p', 'b'], socket: 's' });
for (const word of words) {
  if (word === 'revoke') will?.[Symbol.dispose]();
  else will?.outlives(word === 'outlive');
}
writeSync(1, '.');
setInterval(() => undefined, 1000);
