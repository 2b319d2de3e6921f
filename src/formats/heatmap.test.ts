import { expect, test } from 'vitest';
import { makeProfile, SHOP_PROFILE, writtenText } from '../../test/support/profiles.ts';
import type { FormatOptions } from './format.ts';
import { heatmap } from './heatmap.ts';

function written(options: Partial<FormatOptions> = {}, profile = SHOP_PROFILE): readonly string[] {
  return writtenText(heatmap.write(profile, { producer: '', ...options })).split('\n');
}

test('heatmap has the source around the lines that were seen', () => {
  const profile = makeProfile([
    { stack: 'main@/srv/shop/app.py:2;work@/srv/shop/app.py:12', looks: 30 },
    { stack: 'main@/srv/shop/app.py:2', looks: 10 },
  ]);
  const source = Array.from({ length: 13 }, (_, index) => `line ${index + 1}`);
  expect(written({ sourceOf: () => source }, profile)).toEqual([
    '/srv/shop/app.py: 100.0 % of all samples',
    '    own   total   line',
    '                     1          line 1',
    ' 25.0 % 100.0 %      2 ██▋      line 2',
    '                     3          line 3',
    '                     4          line 4',
    '                     5          line 5',
    '                     …',
    '                     9          line 9',
    '                    10          line 10',
    '                    11          line 11',
    ' 75.0 %  75.0 %     12 ████████ line 12',
    '                    13          line 13',
    '',
  ]);
});

test('heatmap shows the files that matter, or those that are named', () => {
  const files = (lines: readonly string[]) => lines.filter((line) => line.startsWith('/'));
  expect(files(written())[0]).toBe('/usr/lib/python3.12/queue.py: 45.0 % of all samples');
  expect(files(written({ files: ['views.py'] }))).toEqual(['/srv/shop/views.py: 10.0 % of all samples']);
  expect(files(written({ files: ['/srv/shop/a*.py'] }))).toHaveLength(2);
  expect(written({ files: ['none.py'] })).toEqual(['No line of such a file was seen.', '']);
});
