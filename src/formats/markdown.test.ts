import { expect, test } from 'vitest';
import { makeProfile, makeProfiledProcess, SHOP_PROFILE, writtenText } from '../../test/support/profiles.ts';
import { markdown } from './markdown.ts';
import { markdownCode } from './markdown-text.ts';

function written(profile = SHOP_PROFILE): string {
  return writtenText(markdown.write(profile, { producer: 'pyflight 0.1.0' }));
}

/** The lines of a section, without its heading. */
function section(report: string, heading: string): readonly string[] {
  return (report.split(`## ${heading}\n`)[1] ?? '').split('\n## ')[0]?.trim().split('\n') ?? [];
}

test('markdown says what was profiled and how', () => {
  const report = written();
  expect(report.split('\n')[0]).toBe('# Profile of `python3 /srv/shop/app.py --fast`');
  expect(report).toContain('- process 5010: `python3 /srv/shop/app.py --fast`, Python 3.12.1\n');
  expect(report).toContain('- rate: 100 Hz asked, 100 Hz reached: 100 sweeps, 0 missed\n');
  expect(report).toContain('- written by: pyflight 0.1.0\n');
});

test('markdown has functions and lines by what was seen of them', () => {
  expect(section(written(), 'Hot functions').slice(0, 6)).toEqual([
    '| own | total | own time | samples | function |',
    '| ---: | ---: | ---: | ---: | --- |',
    '| 45.0 % | 45.0 % | 900 ms | 90 | `wait` `queue.py:1` |',
    '| 20.0 % | 20.0 % | 400 ms | 40 | `render` `tpl/core.py:1` |',
    '| 12.5 % | 12.5 % | 250 ms | 25 | `qsort` `libc.so.6` |',
    '| 10.0 % | 42.5 % | 200 ms | 20 | `view` `views.py:1` |',
  ]);
  expect(section(written(), 'Hot lines')).toContain(
    '| 10.0 % | 10.0 % | 200 ms | 20 | `view` `views.py:30` |',
  );
});

test('markdown has the tree of calls, each below its caller', () => {
  expect(section(written(), 'Tree of calls').slice(2)).toEqual([
    '- 50.0 % `<module> (app.py:1)`',
    '  - 42.5 % `serve (app.py:10)`',
    '    - 32.5 % `view (views.py:31)`',
    '      - 20.0 % `render (tpl/core.py:7)`',
    '      - 12.5 % `loads (json/__init__.py:9)`',
    '        - 12.5 % `qsort (libc.so.6)`',
    '    - 10.0 % `view (views.py:30)`',
    '  - 5.0 % `évaluer<a & "b"> (a;b.py:2)`',
    String.raw`    - 5.0 % ${'`'}line\nbreak (app.py:1)${'`'}`,
    '  - 2.5 % `serve (app.py:11)`',
    '    - 2.5 % `<GC>`',
    '- 50.0 % `run (threading.py:5)`',
    '  - 45.0 % `wait (queue.py:4)`',
    '  - 5.0 % `work (pool.py:4)`',
  ]);
});

test('markdown has the states of threads', () => {
  expect(section(written(), 'Threads').slice(2)).toEqual([
    '| 100 | 100.0 % | 70.0 % | 0.0 % | 5.0 % | `thread (5010): MainThread` |',
    '| 100 | 0.0 % | 0.0 % | 10.0 % | 0.0 % | `thread (5011): worker <1>` |',
  ]);
});

test('markdown of nothing, and of names with bars, backquotes and new lines, is still Markdown', () => {
  expect(section(written(makeProfile([])), 'Tree of calls')).toContain('Nothing was seen.');
  const report = written(
    makeProfile([{ stack: ['a|b`c``d\n# x@/srv/x.py:1'] }], {
      processes: [makeProfiledProcess({ commandLine: ['python3', '-c', 'a\nb'] })],
    }),
  );
  expect(report).toContain(String.raw`# Profile of ${'`'}python3 -c a\nb${'`'}`);
  expect(report).toContain(String.raw`${'```'} a\|b${'`'}c${'``'}d\n# x ${'```'}`);
  expect(report).not.toContain('\n# x');
});

test.each([
  ['plain', '`plain`'],
  ['a`b', '`` a`b ``'],
  ['a|b', '`a|b`'],
])('markdownCode() of %s: %s', (text, code) => {
  expect(markdownCode(text)).toBe(code);
});
