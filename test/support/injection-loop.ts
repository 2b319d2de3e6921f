/**
 * Runs programs in the process of the first argument, one after the other, until it is killed: each makes a file in the
 * directory of the second argument, which lies in the root of the third. Says so by a dot each time.
 */
import { writeSync } from 'node:fs';
import { injectMark } from './injection.ts';

const [pid = '', directory = '', root = '/'] = process.argv.slice(2);
writeSync(1, '!');
for (;;) {
  await injectMark(Number(pid), { directory, root });
  writeSync(1, '.');
}
