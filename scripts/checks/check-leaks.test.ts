import { describe, expect, test } from 'vitest';
import { checkLeaks } from './check-leaks.ts';

const found = (text: string) => checkLeaks([{ path: 'docs/a.md', text }]);
// Put together here, so that this file passes the check that it tests.
const folder = (top: string, rest: string) => ['', top, rest].join('/');

describe('checkLeaks()', () => {
  test.each(['root', 'home', 'work'])('refuses a path below the folder %s of a machine', (top) => {
    const path = folder(top, 'jane/x.py');
    const finding = { file: 'docs/a.md', line: 2, rule: `${path} is a path of one machine` };
    expect(found(`first\nsee ${path}`)).toEqual([finding]);
    expect(found(`\nconst path = '${path}';`)).toEqual([finding]);
  });

  test.each([
    `/proc/4242${folder('root', 'usr/lib/libpython3.11.so')}`,
    `/proc/PID${folder('root', 'usr')}`,
    'https://example.org/home/index.html',
    `src${folder('work', 'x')}`,
    '/home/user/app.py',
    '/home/app/x.py',
    '/usr/lib/python3',
    '~/.pyenv/versions',
  ])('takes %s', (text) => {
    expect(found(text)).toEqual([]);
  });

  test('takes a path below the root of a process whose id is computed', () => {
    expect(found(`\`/proc/\${pid}${folder('root', ['$', '{path}'].join(''))}\``)).toEqual([]);
  });

  test.each([
    ['TO', 'DO'],
    ['FIX', 'ME'],
    ['NO', 'COMMIT'],
  ])('refuses the note %s%s', (...parts) => {
    const note = parts.join('');
    expect(found(`// ${note}: later`)).toEqual([
      { file: 'docs/a.md', line: 1, rule: `"${note}" was left behind` },
    ]);
  });

  test('takes a word that only contains a note', () => {
    expect(found(['TO', 'DOS'].join(''))).toEqual([]);
  });
});
