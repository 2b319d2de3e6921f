import { expect, test } from 'vitest';
import { makeProfile, makeProfiledProcess, SHOP_PROFILE, writtenText } from '../../test/support/profiles.ts';
import { wellFormedTags } from '../../test/support/xml.ts';
import { flameGraphSvg } from './flame-graph-svg.ts';
import { gainColor } from './frame-color.ts';
import { FLAME_SVG_SCRIPT } from './generated/page-scripts.ts';

const OPTIONS = { producer: 'pyflight 0.1.0' };

function written(profile = SHOP_PROFILE): string {
  return writtenText(flameGraphSvg.write(profile, OPTIONS));
}

/** `0 200 1 all — 200 samples, …`: where each box begins, how wide it is, its depth and what is said of it. */
function boxLines(svg: string): readonly string[] {
  return [...svg.matchAll(/<g data-x="([^"]+)" data-d="(\d+)"><title>([^<]*)</g)].map((match) =>
    match.slice(1).join(' '),
  );
}

test('svg has a box for each stack below its caller, as wide as its looks', () => {
  expect(boxLines(written())).toEqual([
    '0 200 0 all — 200 samples, 100.0 %, 2.00 s',
    '0 100 1 &lt;module&gt; (app.py:1) — 100 samples, 50.0 %, 1.00 s',
    '0 85 2 serve (app.py:10) — 85 samples, 42.5 %, 850 ms',
    '0 65 3 view (views.py:31) — 65 samples, 32.5 %, 650 ms',
    '0 40 4 render (tpl/core.py:7) — 40 samples, 20.0 %, 400 ms',
    '40 25 4 loads (json/__init__.py:9) — 25 samples, 12.5 %, 250 ms',
    '40 25 5 qsort (libc.so.6) — 25 samples, 12.5 %, 250 ms',
    '65 20 3 view (views.py:30) — 20 samples, 10.0 %, 200 ms',
    '85 10 2 évaluer&lt;a &amp; &quot;b&quot;&gt; (a;b.py:2) — 10 samples, 5.0 %, 100 ms',
    '85 10 3 line\\nbreak (app.py:1) — 10 samples, 5.0 %, 100 ms',
    '95 5 2 serve (app.py:11) — 5 samples, 2.5 %, 50.0 ms',
    '95 5 3 &lt;GC&gt; — 5 samples, 2.5 %, 50.0 ms',
    '100 100 1 run (threading.py:5) — 100 samples, 50.0 %, 1.00 s',
    '100 90 2 wait (queue.py:4) — 90 samples, 45.0 %, 900 ms',
    '190 10 2 work (pool.py:4) — 10 samples, 5.0 %, 100 ms',
  ]);
});

test('svg is well-formed, whatever names hold', () => {
  const hostile = [
    '</script>',
    ']]>',
    '<!--',
    '-->',
    '&lt;',
    '\u0000',
    '\u001b[2J',
    '\udc80',
    '\uffff',
    '"\'',
  ];
  const profile = makeProfile(hostile.map((name) => ({ stack: [`${name}@/srv/${name}.py:1`] })));
  const svg = written({ ...profile, processes: [makeProfiledProcess({ commandLine: hostile })] });
  expect(wellFormedTags(svg)).toContain('svg');
  expect(svg).not.toMatch(/[^\P{Cc}\n]|\p{Cs}|\uffff/u);
});

test('svg leaves out what is narrower than a thousandth, and keeps deep stacks', () => {
  const deep = Array.from({ length: 1500 }, (_, depth) => `f${depth}`).join(';');
  const svg = written(
    makeProfile([
      { stack: deep, looks: 2000 },
      { stack: 'rare', looks: 1 },
    ]),
  );
  expect(boxLines(svg)).toHaveLength(1501);
  expect(svg).toMatch(/height="24100"/);
});

test('svg with a baseline shows what has grown, shrunk, come and gone', () => {
  const before = makeProfile([
    { stack: 'main;slow', looks: 5 },
    { stack: 'main;gone', looks: 5 },
  ]);
  const after = makeProfile([
    { stack: 'main;slow', looks: 15 },
    { stack: 'main;new', looks: 5 },
  ]);
  const svg = writtenText(flameGraphSvg.write(after, { ...OPTIONS, baseline: before }));
  expect(boxLines(svg)).toEqual([
    '0 1 0 all — 100.0 % before, 100.0 % after: +0.0 %',
    '0 1 1 main (app.py) — 100.0 % before, 100.0 % after: +0.0 %',
    '0 0.625 2 slow (app.py) — 50.0 % before, 75.0 % after: +25.0 %',
    '0.625 0.25 2 gone (app.py) — 50.0 % before, 0.0 % after: −50.0 %',
    '0.875 0.125 2 new (app.py) — 0.0 % before, 25.0 % after: +25.0 %',
  ]);
  const fills = [...svg.matchAll(/fill="(#\w+)" rx/g)].map(([, color]) => color);
  expect(fills.slice(1)).toEqual([gainColor(0), gainColor(0.25), gainColor(-0.5), gainColor(0.25)]);
  expect(wellFormedTags(svg)).toContain('svg');
});

test('svg of nothing is a picture', () => {
  expect(boxLines(written(makeProfile([])))).toEqual(['0 0 0 all — 0 samples, -, 0 ns']);
});

test('svg says how it was sampled, and what the colours mean', () => {
  const svg = written();
  expect(svg).toContain('>100 of 100 Hz, 200 samples, 0 torn, late by 60.0 µs (99 %: 400 µs)<');
  for (const title of ['own code', 'packages', 'standard library', 'native', 'other'])
    expect(svg).toContain(`>${title}</text>`);
  expect(svg).not.toContain('http://www.w3.org/1999/xlink');
});

test('the script in a flame graph stays small and closes no element', () => {
  expect(FLAME_SVG_SCRIPT.length).toBeLessThan(8000);
  expect(FLAME_SVG_SCRIPT).not.toMatch(/\]\]>|<\//);
});
