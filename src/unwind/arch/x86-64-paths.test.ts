import { expect, test } from 'vitest';
import { type Address, toAddress } from '../../base/address.ts';
import type { CodeStepResult } from '../code-step.ts';
import { pathsToReturn } from './x86-64-paths.ts';

const START = 0x1000;
const RET = 0xc3;
const [RBX, RBP, R12] = [3, 6, 12];

function pathsOf(code: readonly number[]): readonly CodeStepResult[] {
  const bytes = Uint8Array.from(code);
  const reader = {
    code: (address: Address, sizeBytes: number) => bytes.slice(address - START, address - START + sizeBytes),
    find: () => undefined,
  };
  return [...pathsToReturn(reader, toAddress(START))];
}

const told = (
  stackPointer: number,
  saved: Readonly<Record<number, number>> = {},
  base: CodeStepResult['base'] = 'stack-pointer',
): CodeStepResult => ({
  base,
  returnAddress: stackPointer - 8,
  stackPointer,
  saved: new Map(Object.entries(saved).map(([register, offset]) => [Number(register), offset])),
});

test.each<[string, readonly number[], readonly CodeStepResult[]]>([
  ['a return', [RET], [told(8)]],
  ['a return that takes arguments along', [0xc2, 0x10, 0], [told(8)]],
  [
    'work, calls and pops', // test %eax, %eax; call; add $32, %rsp; pop %rbx; pop %r12; ret
    [0x85, 0xc0, 0xe8, 0, 0, 0, 0, 0x48, 0x83, 0xc4, 0x20, 0x5b, 0x41, 0x5c, RET],
    [told(56, { [RBX]: 32, [R12]: 40 })],
  ],
  [
    'arguments that are pushed and taken back', // push $1; push %rbx; call; add $16, %rsp; ret
    [0x6a, 1, 0x53, 0xe8, 0, 0, 0, 0, 0x48, 0x83, 0xc4, 0x10, RET],
    [told(8)],
  ],
  ['a register that is saved and taken back on the way', [0x53, 0x5b, RET], [told(8)]],
  [
    'registers that are loaded back',
    [0x48, 0x8b, 0x5c, 0x24, 8, 0x48, 0x83, 0xc4, 0x18, RET],
    [told(32, { [RBX]: 8 })],
  ],
  ['leave', [0xc9, RET], [told(16, { [RBP]: 0 }, 'frame-pointer')]],
  [
    'a stack pointer that is counted from the frame pointer', // lea -16(%rbp), %rsp; pop %rbx; pop %r12; pop %rbp; ret
    [0x48, 0x8d, 0x65, 0xf0, 0x5b, 0x41, 0x5c, 0x5d, RET],
    [told(16, { [RBX]: -16, [R12]: -8, [RBP]: 0 }, 'frame-pointer')],
  ],
  ['both ways of a branch', [0x74, 2, 0x5b, RET, RET], [told(16, { [RBX]: 0 }), told(8)]],
  ['a jump back', [0xeb, 2, 0x5b, RET, 0xeb, 0xfc], [told(16, { [RBX]: 0 })]],
  [
    'a jump to what a register says, at last',
    [0x74, 2, 0xff, 0xe0, 0x5b, RET],
    [told(16, { [RBX]: 0 }), told(8)],
  ],
  ['no way through a loop without an end', [0xeb, 0xfe], []],
  ['no way beyond a trap', [0x0f, 0x0b, RET], []],
  ['no way on from a stack pointer that nobody knows', [0x48, 0x89, 0xc4, RET], []],
  ['no way on from one that is rounded', [0x48, 0x83, 0xe4, 0xf0, RET], []],
  ['no return to what lies below the stack pointer', [0x53, RET], []],
  ['nothing where the code ends', [0x90, 0x90], []],
])('pathsToReturn() tells of %s', (_name, code, expected) => {
  expect(pathsOf(code)).toEqual(expected);
});

test('pathsToReturn() gives up in code without an end', () => {
  const endless = { code: () => new Uint8Array(256).fill(0x90), find: () => undefined };
  expect([...pathsToReturn(endless, toAddress(START))]).toEqual([]);
});
