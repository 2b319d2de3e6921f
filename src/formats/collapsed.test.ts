import { expect, test } from 'vitest';
import { makeAccount, makeProfile, SHOP_PROFILE, writtenText } from '../../test/support/profiles.ts';
import { collapsed } from './collapsed.ts';
import { pyflame } from './pyflame.ts';

const OPTIONS = { producer: 'pyflight' };

test('collapsed has each stack once, with its looks, and files as Python imports them', () => {
  expect(writtenText(collapsed.write(SHOP_PROFILE, OPTIONS)).split('\n')).toEqual([
    '<module> (app.py:1);serve (app.py:10);view (views.py:30) 20',
    '<module> (app.py:1);serve (app.py:10);view (views.py:31);render (tpl/core.py:7) 40',
    '<module> (app.py:1);serve (app.py:10);view (views.py:31);loads (json/__init__.py:9);qsort (libc.so.6) 25',
    '<module> (app.py:1);serve (app.py:11);<GC> 5',
    String.raw`<module> (app.py:1);évaluer<a & "b"> (a\x3bb.py:2);line\nbreak (app.py:1) 10`,
    'run (threading.py:5);wait (queue.py:4) 90',
    'run (threading.py:5);work (pool.py:4) 10',
    '',
  ]);
});

test('collapsed names what has no frames, and adds up what looks the same', () => {
  const profile = makeProfile([
    { stack: '', looks: 2 },
    { stack: 'a@one.py:1', looks: 1 },
    { stack: 'a@two.py:1', looks: 1 },
    { stack: 'b;a@two.py:1', looks: 2 },
  ]);
  const renumbered = {
    ...profile,
    frames: profile.frames.map((frame) => ({ ...frame, name: 'f', file: '', firstLine: 0, line: 0 })),
  };
  expect(writtenText(collapsed.write(renumbered, OPTIONS))).toBe('(no Python frames) 2\nf 2\nf;f 2\n');
});

test('pyflame has files, functions and lines, and what was looked for in vain', () => {
  const profile = makeProfile(
    [
      { stack: 'main;Db.open.<locals>.load@/srv/db.py:12', looks: 4 },
      { stack: 'main', looks: 1 },
    ],
    { account: makeAccount({ mode: 'gil', sweeps: 10, samples: 5, tornSamples: 1, unreadableSamples: 1 }) },
  );
  const lines = '/srv/shop/app.py:main:1 1\n/srv/shop/app.py:main:1;/srv/db.py:load:12 4\n';
  expect(writtenText(pyflame.write(profile, OPTIONS))).toBe(`(idle) 3\n(failed) 2\n${lines}`);
  const excluded = writtenText(pyflame.write(profile, { ...OPTIONS, excludesIdle: true }));
  expect(excluded).toBe(`(failed) 2\n${lines}`);
});

test('pyflame as a flame chart has a time and what ran for each look', () => {
  const profile = makeProfile([{ stack: 'main;load@/srv/db.py:12', looks: 2 }, { stack: '' }]);
  expect(writtenText(pyflame.write(profile, { ...OPTIONS, isFlameChart: true })).split('\n')).toEqual([
    '1772366400000000',
    '/srv/shop/app.py:main:1;/srv/db.py:load:12;',
    '1772366400010000',
    '/srv/shop/app.py:main:1;/srv/db.py:load:12;',
    '1772366400020000',
    '(idle)',
    '',
  ]);
});
