import { expect, test } from 'vitest';
import { parseSystemdCoreName } from './systemd-core-name.ts';

const BOOT = '1827be70bda44e3b9598c4aaf5ac32bc';

test.each(['', '.zst', '.lz4', '.xz'])('parseSystemdCoreName() reads a name that ends with %j', (ending) => {
  expect(parseSystemdCoreName(`core.python3.1000.${BOOT}.588797.1717652311000000${ending}`)).toEqual({
    name: 'python3',
    uid: 1000,
    bootId: BOOT,
    pid: 588797,
    diedAt: new Date('2024-06-06T05:38:31Z'),
  });
});

test.each([
  ['python3\\x2e12', 'python3.12'],
  ['a\\x2fb\\x20c', 'a/b c'],
  ['\\xc3\\xa9t\\xc3\\xa9', 'été'],
  ['été', 'été'],
  ['a\\x5cx2e', 'a\\x2e'],
  ['a.b', 'a.b'],
])('parseSystemdCoreName() undoes what systemd escapes in %s', (written, name) => {
  expect(parseSystemdCoreName(`core.${written}.0.${BOOT}.1.0`)?.name).toBe(name);
});

test.each([
  'core',
  'core.4242',
  `core.python3.1000.${BOOT}.1.0.zst.tmp`,
  `core..1000.${BOOT}.1.0`,
  `.#core.python3.1000.${BOOT}.1.0`,
  `core.python3.1000.${BOOT.slice(1)}.1.0`,
])('parseSystemdCoreName() knows no %s', (name) => {
  expect(parseSystemdCoreName(name)).toBeUndefined();
});

test('parseSystemdCoreName() takes any number for a time', () => {
  const found = parseSystemdCoreName(`core.x.0.${BOOT}.1.${'9'.repeat(40)}`);
  expect(Number.isNaN(found?.diedAt.getTime())).toBe(false);
});
