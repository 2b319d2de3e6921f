import { describe, expect, test } from 'vitest';
import { StructWriter } from '../base/struct-writer.ts';
import { type FilterVerdict, verdictOf } from './seccomp-filter.ts';

type Step = readonly [code: number, operand: number, yes?: number, no?: number];

// include/uapi/linux/bpf_common.h, and what seccomp makes of it.
const LOAD = 0x20;
const LOAD_CONSTANT = 0x00;
const LOAD_LENGTH = 0x80;
const LOAD_WORD = 0x60;
const STORE = 0x02;
const IF_EQUAL = 0x15;
const IF_GREATER = 0x25;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const JUMP = 0x05;
const TO_INDEX = 0x07;
const FROM_INDEX = 0x87;
const RETURN = 0x06;
const RETURN_ACCUMULATOR = 0x16;
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;
const ALLOW = 0x7fff_0000;
const LOG = 0x7ffc_0000;
const TRACE = 0x7ff0_0000;
const ASK = 0x7fc0_0000;
const EPERM = 0x0005_0001;
const ENOSYS = 0x0005_0026;
const TRAP = 0x0003_0000;
const END_THREAD = 0;
const END = 0x8000_0000;

function filterOf(...steps: readonly Step[]): Uint8Array {
  const writer = new StructWriter(8 * steps.length);
  for (const [index, [code, operand, yes = 0, no = 0]] of steps.entries())
    writer
      .u16(8 * index, code)
      .u16(8 * index + 2, yes | (no << 8))
      .u32(8 * index + 4, operand);
  return writer.bytes;
}

function verdict(filters: readonly Uint8Array[], number = 41, ...args: number[]): FilterVerdict {
  return verdictOf(filters, { number, args }, 'x64');
}

describe('verdictOf()', () => {
  test.each([
    [ALLOW, 'allowed'],
    [LOG, 'allowed'],
    [TRACE, 'missing'],
    [ASK, 'asks'],
    [EPERM, 'refused'],
    [ENOSYS, 'missing'],
    [TRAP, 'ends'],
    [END_THREAD, 'ends'],
    [END, 'ends'],
    // Of a newer kernel: the older one ends the process.
    [0x1234_0000, 'ends'],
  ] as const)('reads the action %i', (action, expected) => {
    expect(verdict([filterOf([RETURN, action])])).toBe(expected);
  });

  test('takes the strictest of several filters', () => {
    const [allow, refuse, end] = [ALLOW, EPERM, END].map((action) => filterOf([RETURN, action]));
    if (allow === undefined || refuse === undefined || end === undefined) throw new TypeError('no filter');
    expect(verdict([allow, refuse])).toBe('refused');
    expect(verdict([refuse, end, allow])).toBe('ends');
  });

  test('knows number, architecture and arguments of the call', () => {
    // As runtimes of containers let threads be made, and no namespaces: of the flags of clone(2) none of 0x7e020000.
    const filter = filterOf(
      [LOAD, ARCHITECTURE],
      [IF_EQUAL, 0xc000_003e, 1, 0],
      [RETURN, END],
      [LOAD, NUMBER],
      [IF_EQUAL, 56, 0, 3],
      [LOAD, FIRST_ARGUMENT],
      [IF_ANY_BIT, 0x7e02_0000, 0, 1],
      [RETURN, EPERM],
      [RETURN, ALLOW],
    );
    expect(verdict([filter], 56, 0x3d_0f00)).toBe('allowed');
    expect(verdict([filter], 56, 0x1000_0000)).toBe('refused');
    expect(verdict([filter], 41)).toBe('allowed');
  });

  test('knows the architecture of aarch64', () => {
    const filter = filterOf(
      [LOAD, ARCHITECTURE],
      [IF_EQUAL, 0xc000_00b7, 0, 1],
      [RETURN, ALLOW],
      [RETURN, END],
    );
    expect(verdictOf([filter], { number: 198, args: [] }, 'arm64')).toBe('allowed');
    expect(verdict([filter])).toBe('ends');
  });

  test.each([
    [IF_GREATER, 40, 'allowed'],
    [IF_GREATER, 41, 'refused'],
    [IF_AT_LEAST, 41, 'allowed'],
    [IF_AT_LEAST, 42, 'refused'],
  ] as const)('compares %i with %i without a sign', (code, operand, expected) => {
    const filter = filterOf([LOAD, NUMBER], [code, operand, 1, 0], [RETURN, EPERM], [RETURN, ALLOW]);
    expect(verdict([filter])).toBe(expected);
  });

  test.each([
    [0x04, 7, 5, 12],
    [0x14, 5, 7, 0xffff_fffe],
    [0x24, 0x1_0001, 0xffff, 0xffff_ffff],
    [0x34, 7, 2, 3],
    [0x44, 6, 9, 15],
    [0x54, 6, 12, 4],
    [0x64, 3, 30, 0xc000_0000],
    [0x74, 0x8000_0000, 4, 0x0800_0000],
    [0x84, 1, 0, 0xffff_ffff],
    [0x94, 7, 4, 3],
    [0xa4, 6, 3, 5],
  ])('computes by %i of %i and %i', (code, left, right, result) => {
    const ends: readonly Step[] = [
      [IF_EQUAL, result, 0, 1],
      [RETURN, ALLOW],
      [RETURN, EPERM],
    ];
    expect(verdict([filterOf([LOAD_CONSTANT, left], [code, right], ...ends)])).toBe('allowed');
    const byIndex = filterOf(
      [LOAD_CONSTANT, right],
      [TO_INDEX, 0],
      [LOAD_CONSTANT, left],
      [code | 8, 0],
      ...ends,
    );
    expect(verdict([byIndex])).toBe('allowed');
  });

  test('keeps words, jumps, and answers what it has computed', () => {
    const filter = filterOf(
      [LOAD_LENGTH, 0],
      [STORE, 15],
      [LOAD_CONSTANT, 1],
      [LOAD_WORD, 15],
      [IF_EQUAL, 64, 1, 0],
      [RETURN, END],
      [JUMP, 1],
      [RETURN, END],
      [LOAD_CONSTANT, ALLOW],
      [TO_INDEX, 0],
      [LOAD_CONSTANT, 0],
      [FROM_INDEX, 0],
      [RETURN_ACCUMULATOR, 0],
    );
    expect(verdict([filter])).toBe('allowed');
  });
});
