import { expect, test } from 'vitest';
import { toAddress } from '../../base/address.ts';
import { StructView } from '../../base/struct-view.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import type { BorrowedThread, CallChain } from './call-frame.ts';
import { X86_64_CALL_FRAMES } from './call-frames-x86-64.ts';

const CHAIN: CallChain = {
  ensureGil: toAddress(0x1000),
  runSimpleString: toAddress(0x2000),
  releaseGil: toAddress(0x3000),
  popArgument: toAddress(0x4000),
  signalReturn: toAddress(0x5000),
};
const STACK = 0x7fff_0000_1238;

/** Every general register holds its own offset, beside those that matter. */
function registers(): Uint8Array {
  const writer = new StructWriter(216);
  for (let offset = 0; offset < 216; offset += 8) writer.u64(offset, offset);
  return writer.u64(80, -516n).u64(120, 7).u64(128, 0x9002).u64(144, 0x646).u64(152, STACK).bytes;
}

function extendedState(sizeBytes: number, supported: bigint, used = supported): Uint8Array {
  return new StructWriter(sizeBytes).u64(464, supported).u64(512, used).u64(600, 0xabcdn).bytes;
}

function thread(changes: Partial<BorrowedThread> = {}): BorrowedThread {
  return {
    registers: registers(),
    extendedState: extendedState(832, 7n),
    signalMask: 0x1_0000n,
    call: { kind: 'inside', number: 7, args: [], stackPointer: BigInt(STACK), instructionPointer: 0x9002n },
    continuation: 'interrupted',
    ...changes,
  };
}

function build(changes: Partial<BorrowedThread> = {}) {
  const frame = X86_64_CALL_FRAMES.build(thread(changes), CHAIN, 'pass');
  if (frame === undefined) throw new Error('no frame was built');
  const memory = new StructView(frame.bytes, 'frame');
  return { frame, memory, registers: new StructView(frame.registers, 'user_regs_struct'), context: 72 + 40 };
}

test('build() of x86-64 has the thread begin at the first function, aligned as a call leaves it, below the red zone', () => {
  const { frame, registers: begun } = build();
  expect(begun.u64(128)).toBe(0x1000n);
  expect(begun.u64(152)).toBe(BigInt(frame.address));
  expect(frame.address % 16).toBe(8);
  expect(frame.address + frame.bytes.length).toBeLessThanOrEqual(STACK - 128);
  expect(begun.i64(120)).toBe(-1n);
  expect(begun.u64(144)).toBe(0x246n);
});

test('build() of x86-64 leads from each function to the next, and from the last to the kernel', () => {
  const { frame, memory } = build();
  const words = Array.from({ length: 9 }, (_, index) => memory.word(index * 8));
  const text = frame.textAddress;
  expect(words).toEqual([0x4000, text, 0x4001, 0x2000, 0x4000, 1, 0x4001, 0x3000, 0x5000]);
  expect(frame.witness).toEqual({ address: frame.address + 8, sizeBytes: 8 });
  expect(Buffer.from(frame.bytes.subarray(text - frame.address)).toString('latin1')).toBe('pass\0');
});

test('build() of x86-64 has the kernel restore every register, the mask, and no alternate stack', () => {
  const { memory, context } = build();
  expect(memory.u64(72)).toBe(7n);
  expect(memory.u32(72 + 24)).toBe(4);
  expect(memory.u64(72 + 296)).toBe(0x1_0000n);
  const order = [72, 64, 56, 48, 24, 16, 8, 0, 112, 104, 32, 40, 96];
  expect(order.map((_, index) => Number(memory.u64(context + index * 8)))).toEqual(order);
  expect(memory.u64(context + 112)).toBe(88n);
  expect(memory.word(context + 120)).toBe(STACK);
  expect(memory.u64(context + 136)).toBe(0x646n);
});

test('build() of x86-64 ends a retried call with EINTR, and begins another anew', () => {
  const interrupted = build();
  expect(interrupted.memory.i64(interrupted.context + 104)).toBe(-4n);
  expect(interrupted.memory.word(interrupted.context + 128)).toBe(0x9002);
  const again = build({ continuation: 'again' });
  expect(again.memory.i64(again.context + 104)).toBe(7n);
  expect(again.memory.word(again.context + 128)).toBe(0x9000);
});

test('build() of x86-64 hands the kernel vectors in the form of a signal frame', () => {
  const { frame, memory, context } = build();
  const at = memory.word(context + 184);
  expect(at % 64).toBe(0);
  const state = at - frame.address;
  expect([0, 4, 8, 16].map((offset) => memory.u32(state + 464 + offset))).toEqual([0x46505853, 836, 7, 832]);
  expect(memory.u64(state + 600)).toBe(0xabcdn);
  expect(memory.u32(state + 832)).toBe(0x46505845);
});

test('build() of x86-64 leaves out tiles that are not in use, and a thread whose tiles are', () => {
  const supported = 0x6_0007n;
  const { memory, frame, context } = build({ extendedState: extendedState(11_008, supported, 7n) });
  const state = memory.word(context + 184) - frame.address;
  expect([8, 16].map((offset) => memory.u32(state + 464 + offset))).toEqual([0x2_0007, 2816]);
  const tiled = thread({ extendedState: extendedState(11_008, supported) });
  expect(X86_64_CALL_FRAMES.build(tiled, CHAIN, 'pass')).toBeUndefined();
});
