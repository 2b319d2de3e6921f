import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import { BIAS, inModule, unwindThread } from '../../test/support/native-stack-writer.ts';
import { TestMemory } from '../../test/support/test-memory.ts';
import type { CallFrameRow, CfaRule, RegisterRule } from '../dwarf/call-frame/row.ts';
import { AARCH64 } from './arch/aarch64.ts';
import { X86_64 } from './arch/x86-64.ts';
import type { Architecture } from './architecture.ts';

const STACK = 0x7ffe_0000_1000;
const STACK_BYTES = 512;
const CODE_BYTES = 128;

/** Bytes that make code look like something: calls, returns, pushes, trampolines, with noise between them. */
const PIECES = [
  [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05],
  [0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4],
  [0x31, 0xed, 0x5f, 0x41, 0xff, 0xd1],
  [0xe8, 0xf0, 0xff, 0xff, 0xff],
  [0xff, 0x15, 0, 0, 0, 0],
  [0x55, 0x48, 0x89, 0xe5],
  [0x48, 0x83, 0xc4, 0x08, 0xc3],
  [0xc9, 0xc3],
  [0xc0, 0x03, 0x5f, 0xd6],
  [0xfd, 0x7b, 0xbe, 0xa9],
  [0xfd, 0x7b, 0xc2, 0xa8, 0xc0, 0x03, 0x5f, 0xd6],
  [0, 0, 0, 0x94],
];

const code = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.array(fc.nat(255), { maxLength: 4 })), { maxLength: 40 })
  .map((pieces) => Uint8Array.from({ length: CODE_BYTES }, (_, index) => pieces.flat()[index] ?? 0x90));

const word = fc.oneof(
  fc.nat(STACK_BYTES).map((offset) => BigInt(STACK + offset)),
  fc.nat(STACK_BYTES / 8).map((index) => BigInt(STACK + 8 * index)),
  fc.nat(CODE_BYTES).map((offset) => BigInt(inModule(offset))),
  fc.constantFrom(0n, 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n, 2n ** 63n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

const offset = fc.oneof(fc.integer({ min: -64, max: 64 }), fc.constantFrom(2 ** 53 - 1, -(2 ** 53) + 1));
const register = fc.nat(34);
const expression = fc.uint8Array({ maxLength: 12 });

const rule: fc.Arbitrary<RegisterRule> = fc.oneof(
  fc.record({ kind: fc.constantFrom('undefined', 'same-value') }),
  fc.record({ kind: fc.constantFrom('offset', 'value-offset'), offset }),
  fc.record({ kind: fc.constant('register'), register }),
  fc.record({ kind: fc.constantFrom('expression', 'value-expression'), expression }),
);

const cfa: fc.Arbitrary<CfaRule> = fc.oneof(
  fc.record({ kind: fc.constant('register'), register, offset }),
  fc.record({ kind: fc.constant('expression'), expression }),
);

const row: fc.Arbitrary<CallFrameRow> = fc.record({
  cfa,
  registers: fc.array(fc.tuple(register, rule), { maxLength: 6 }).map((rules) => new Map(rules)),
  returnAddressRegister: fc.constantFrom(16, 30, 3),
  isSignalFrame: fc.boolean(),
  isReturnAddressSigned: fc.boolean(),
  functionStart: fc.oneof(fc.nat(CODE_BYTES), fc.constantFrom(-1, 2 ** 53 - 1)),
});

const thread = fc.record({
  architecture: fc.constantFrom<Architecture>(X86_64, AARCH64),
  rows: fc.array(fc.option(row, { nil: undefined }), { minLength: 1, maxLength: 4 }),
  values: fc.array(fc.option(word, { nil: undefined }), { minLength: 33, maxLength: 33 }),
  words: fc.array(word, { minLength: STACK_BYTES / 8, maxLength: STACK_BYTES / 8 }),
  code,
});

const MOST_FRAMES = 300;

// Two seconds of computing, which may be many on a busy machine.
test('unwindStack() ends with frames and a reason for any registers, stack, code and rules', {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(thread, ({ architecture, rows, values, words, code: bytes }) => {
      const memory = new TestMemory()
        .map(STACK, new Uint8Array(BigUint64Array.from(words).buffer))
        .map(BIAS, bytes);
      const names = architecture.registers.map(({ name }, index) => [name, values[index]] as const);
      const known = names.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
      const pc = architecture.registers.find(({ number }) => number === architecture.pc)?.name ?? '';
      const sp =
        architecture.registers.find(({ number }) => number === architecture.stackPointer)?.name ?? '';
      const { frames, end } = unwindThread({
        architecture,
        memory,
        registers: { ...Object.fromEntries(known), [pc]: inModule(8), [sp]: STACK },
        functions: rows.map((each, index) => ({
          start: inModule(index * 32),
          sizeBytes: 32,
          ...(each === undefined ? {} : { row: each }),
        })),
        options: { maxFrames: MOST_FRAMES },
      });
      expect(frames.length).toBeGreaterThan(0);
      expect(frames.length).toBeLessThanOrEqual(MOST_FRAMES);
      if (end.kind === 'cut-off') expect(end.reason).toMatch(/\S/);
      for (const [index, frame] of frames.entries()) {
        const caller = frames[index + 1];
        if (caller === undefined || caller.isActivation) continue;
        expect(caller.stackPointer).toBeGreaterThanOrEqual(frame.stackPointer);
      }
    }),
    cases(600),
  );
});
