import { expect, test } from 'vitest';
import { toAddress } from '../../base/address.ts';
import { StructView } from '../../base/struct-view.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import type { BorrowedThread, CallChain, CallFrame } from './call-frame.ts';
import { AARCH64_CALL_FRAMES } from './call-frames-aarch64.ts';

const CHAIN: CallChain = {
  ensureGil: toAddress(0x1000),
  runSimpleString: toAddress(0x2000),
  releaseGil: toAddress(0x3000),
  signalReturn: toAddress(0x5000),
  popArgument: undefined,
};
const STACK = 0xffff_0000_1230;
/** Where `struct user_pt_regs` has them. */
const X0 = 0;
const X8 = 64;
const X29 = 232;
const X30 = 240;
const SP = 248;
const PC = 256;
const STATE = 264;
/** Where `struct rt_sigframe` has what begins with x0, and its records. */
const REGISTERS = 128 + 184;
const RECORDS = 128 + 464;

/** x0 to x30 hold 1 to 31; the thread was led back to the instruction that makes the call. */
function registers(): Uint8Array {
  const writer = new StructWriter(272);
  for (let index = 0; index < 31; index += 1) writer.u64(8 * index, index + 1);
  return writer.u64(SP, STACK).u64(PC, 0x9000).u64(STATE, 0x6000_0c00).bytes;
}

function thread(changes: Partial<BorrowedThread> = {}): BorrowedThread {
  return {
    registers: registers(),
    extendedState: new StructWriter(528).u64(0, 0xabcdn).u64(504, 0xef01n).u32(512, 0x11).u32(516, 0x22)
      .bytes,
    signalMask: 0x1_0000n,
    call: {
      kind: 'inside',
      number: 9,
      args: [77n, 2n, 3n, 4n, 5n, 6n],
      stackPointer: BigInt(STACK),
      instructionPointer: 0x9004n,
    },
    continuation: 'interrupted',
    ...changes,
  };
}

function build(changes: Partial<BorrowedThread> = {}): CallFrame {
  const frame = AARCH64_CALL_FRAMES.build(thread(changes), CHAIN, 'pass');
  if (frame === undefined) throw new Error('no frame was built');
  return frame;
}

/** The registers that the kernel restores from a signal frame. */
function restored({ address, bytes }: CallFrame, at: number): StructView {
  const offset = at - address + REGISTERS;
  return new StructView(bytes.subarray(offset, offset + 272), 'regs');
}

/** What is entered one after the other, and the last frame. */
function follow(frame: CallFrame) {
  const begun = new StructView(frame.registers, 'user_pt_regs');
  const second = restored(frame, begun.word(SP));
  const third = restored(frame, second.word(SP));
  return { begun, second, third, back: restored(frame, third.word(SP)) };
}

test('build() of aarch64 leads from each function to the next by a signal frame, the stack pointer aligned', () => {
  const frame = build();
  const { begun, second, third } = follow(frame);
  expect([begun, second, third].map((each) => each.word(PC))).toEqual([0x1000, 0x2000, 0x3000]);
  expect([begun, second, third].map((each) => each.word(X30))).toEqual([0x5000, 0x5000, 0x5000]);
  expect([begun, second, third].every((each) => each.word(SP) % 16 === 0)).toBe(true);
  expect(begun.word(SP)).toBe(frame.address);
  expect(second.word(X0)).toBe(frame.textAddress);
  expect(third.word(X0)).toBe(1);
  expect(Buffer.from(frame.bytes.subarray(frame.textAddress - frame.address)).toString('latin1')).toBe(
    'pass\0',
  );
  expect(frame.address + frame.bytes.length).toBeLessThanOrEqual(STACK);
});

test('build() of aarch64 enters functions as by no branch, at the end of a chain of frame pointers', () => {
  const frame = build();
  for (const each of [follow(frame).begun, follow(frame).second, follow(frame).third]) {
    expect(each.u64(STATE)).toBe(0x6000_0000n);
    const anchor = each.word(X29) - frame.address;
    expect([...frame.bytes.subarray(anchor, anchor + 16)]).toEqual(Array<number>(16).fill(0));
  }
});

test('build() of aarch64 has the kernel restore every register, the mask, and no alternate stack', () => {
  const frame = build();
  const memory = new StructView(frame.bytes, 'frames');
  const back = follow(frame).third.word(SP) - frame.address;
  const words = Array.from({ length: 30 }, (_, index) => follow(frame).back.word(8 * (index + 1)));
  expect(words).toEqual(Array.from({ length: 30 }, (_, index) => index + 2));
  expect(follow(frame).back.word(SP)).toBe(STACK);
  expect(follow(frame).back.u64(STATE)).toBe(0x6000_0c00n);
  expect(memory.u32(back + 128 + 24)).toBe(4);
  expect(memory.u64(back + 128 + 40)).toBe(0x1_0000n);
});

test('build() of aarch64 hands the kernel vectors in every frame, and ends the records', () => {
  const frame = build();
  const memory = new StructView(frame.bytes, 'frames');
  const { begun, second, third } = follow(frame);
  for (const each of [begun, second, third]) {
    const at = each.word(SP) - frame.address + RECORDS;
    expect([0, 4, 8, 12].map((offset) => memory.u32(at + offset))).toEqual([0x4650_8001, 528, 0x11, 0x22]);
    expect([memory.u64(at + 16), memory.u64(at + 16 + 504), memory.u64(at + 528)]).toEqual([
      0xabcdn,
      0xef01n,
      0n,
    ]);
  }
});

test('build() of aarch64 ends a retried call with EINTR, and begins another anew', () => {
  const interrupted = follow(build()).back;
  expect([interrupted.i64(X0), interrupted.u64(PC)]).toEqual([-4n, 0x9004n]);
  const again = follow(build({ continuation: 'again' })).back;
  expect([again.u64(X0), again.u64(X8), again.u64(PC)]).toEqual([77n, 9n, 0x9000n]);
});

test('build() of aarch64 knows by the first frame whether the second function has begun', () => {
  const frame = build();
  expect(frame.witness.address).toBe(frame.address);
  expect(frame.witness.address + frame.witness.sizeBytes).toBe(follow(frame).second.word(SP));
});

test('build() of aarch64 leaves a thread alone of which not all is known', () => {
  expect(
    AARCH64_CALL_FRAMES.build(thread({ extendedState: new Uint8Array(16) }), CHAIN, 'pass'),
  ).toBeUndefined();
  expect(AARCH64_CALL_FRAMES.build(thread({ registers: new Uint8Array(72) }), CHAIN, 'pass')).toBeUndefined();
});
