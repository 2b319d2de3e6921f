import { describe, expect, test } from 'vitest';
import { formatPythonVersion } from '../../model/python-version.ts';
import { parseVersionHex, pythonVersionFromBanner } from './python-version.ts';

describe('parseVersionHex()', () => {
  test('takes the version apart', () => {
    expect(parseVersionHex(0x03_0c_0a_c2)).toEqual({
      major: 3,
      minor: 12,
      micro: 10,
      releaseLevel: 'candidate',
      serial: 2,
      isFreeThreaded: false,
      isDebugBuild: false,
    });
  });

  test.each([
    [0x02_07_12_f0, '2.7.18'],
    [0x03_0f_00_b4, '3.15.0b4'],
    [0x03_0e_00_a1, '3.14.0a1'],
  ])('reads %i as %s', (value, text) => {
    const version = parseVersionHex(value);
    expect(version && formatPythonVersion(version)).toBe(text);
  });

  test.each([[0], [0x01_07_12_f0], [0x04_00_00_f0], [0x03_0c_00_00], [-1], [2 ** 33], [0.5], [Number.NaN]])(
    'finds no version in %d',
    (value) => {
      expect(parseVersionHex(value)).toBeUndefined();
    },
  );
});

describe('pythonVersionFromBanner()', () => {
  test.each([
    ['3.11.7 (main, Jan  1 2024, 00:00:00) [GCC 12.2.0]', '3.11.7'],
    ['2.7.18 (default, Apr 20 2020, 20:30:41) \n[GCC 9.3.0]', '2.7.18'],
    ['3.9.2 (default, Feb 28 2021, 17:03:44)', '3.9.2'],
    ['3.12.0a3+ (heads/main:8f2, Dec  7 2022, 01:02:03)', '3.12.0a3'],
    ['3.13.0rc1+ experimental free-threading build (main, Aug  1 2024, 00:00:00)', '3.13.0rc1 free-threaded'],
    ['3.14.0 free-threading build (main, Oct  7 2025, 00:00:00) [Clang 20.1.4 ]', '3.14.0 free-threaded'],
    ['\0\0%s %s\x003.10.13 (main, Jan  1 2024)\0', '3.10.13'],
  ])('finds the version in %j', (text, expected) => {
    const version = pythonVersionFromBanner(text);
    expect(version && formatPythonVersion(version)).toBe(expected);
  });

  test.each([
    ['%d.%d.%d (main)'],
    ['1.3.11.7 (main)'],
    ['13.11.7 (main)'],
    ['3.11 (main)'],
    ['3.11.7'],
    ['3.11.7 main'],
    ['4.0.0 (main)'],
  ])('finds none in %j', (text) => {
    expect(pythonVersionFromBanner(text)).toBeUndefined();
  });
});
