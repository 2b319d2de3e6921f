import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import { PerfMap } from './perf-map.ts';

function mapOf(text: string): PerfMap {
  return new PerfMap(Buffer.from(text));
}

test('find() gives the line that covers an address', () => {
  const map = mapOf('7f2f8a5c1000 b1 py::fib:/srv/app.py\n7f2f8a5c10b1 10 py::main:/srv/app.py\n');
  expect(map.find(0x7f2f_8a5c_1000)).toEqual({
    name: 'py::fib:/srv/app.py',
    start: 0x7f2f_8a5c_1000,
    sizeBytes: 0xb1,
  });
  expect(map.find(0x7f2f_8a5c_10b0)?.name).toBe('py::fib:/srv/app.py');
  expect(map.find(0x7f2f_8a5c_10b1)?.name).toBe('py::main:/srv/app.py');
  expect(map.find(0x7f2f_8a5c_0fff)).toBeUndefined();
  expect(map.find(0x7f2f_8a5c_10c1)).toBeUndefined();
});

test('find() keeps spaces and other scripts in a name', () => {
  expect(mapOf('1000 10 LazyCompile:*größe a b.js:1\r\n').find(0x1000)?.name).toBe(
    'LazyCompile:*größe a b.js:1',
  );
});

test('find() takes the later of two lines that overlap', () => {
  const map = mapOf('1000 100 old\n1040 20 new\n1080 100 other\n');
  const found = [0x1000, 0x103f, 0x1040, 0x105f, 0x1060, 0x107f, 0x1080, 0x117f, 0x1180];
  expect(found.map((address) => map.find(address)?.name)).toEqual([
    'old',
    'old',
    'new',
    'new',
    'old',
    'old',
    'other',
    'other',
    undefined,
  ]);
});

test.each([
  ['no name', '1000 10\n'],
  ['an empty name', '1000 10 \n'],
  ['no size', '1000\n'],
  ['a size of 0', '1000 0 name\n'],
  ['no numbers', 'a line of text\n'],
  ['a number above 2^53', 'ffffffffff600000 1000 [vsyscall]\n'],
  ['nothing', '\n\n'],
])('find() passes over a line with %s', (_what, line) => {
  const map = mapOf(`2000 10 before\n${line}3000 10 behind\n`);
  expect(map.find(0x1000)).toBeUndefined();
  expect(map.find(0x2000)?.name).toBe('before');
  expect(map.find(0x3000)?.name).toBe('behind');
});

test('find() takes numbers with 0x and capitals, and a last line without its end', () => {
  const map = mapOf('0xAB00 0X10 one\nAC00 10 two');
  expect(map.find(0xab0f)?.name).toBe('one');
  expect(map.find(0xac00)?.name).toBe('two');
});

test('find() finds nothing in an empty map', () => {
  expect(mapOf('').find(0)).toBeUndefined();
});

test('find() agrees with a slow search over any lines', () => {
  const line = fc.record({ start: fc.nat(120), sizeBytes: fc.integer({ min: 1, max: 50 }) });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const map = mapOf(
        lines
          .map(({ start, sizeBytes }, index) => `${start.toString(16)} ${sizeBytes.toString(16)} f${index}\n`)
          .join(''),
      );
      for (let address = 0; address < 180; address += 1) {
        const last = lines.findLastIndex(
          ({ start, sizeBytes }) => address >= start && address < start + sizeBytes,
        );
        expect(map.find(address)?.name).toBe(last === -1 ? undefined : `f${last}`);
      }
    }),
  );
});

test('find() answers for any bytes', () => {
  const alphabet = fc.constantFrom(...Buffer.from('0123 abcfx\n\r\0'), 0xff);
  fc.assert(
    fc.property(fc.array(alphabet, { maxLength: 200 }), (bytes) => {
      const found = new PerfMap(Uint8Array.from(bytes)).find(0x12);
      expect(found === undefined || found.start <= 0x12).toBe(true);
    }),
    cases(150),
  );
});
