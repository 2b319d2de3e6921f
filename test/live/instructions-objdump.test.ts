import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import { type Address, toAddress } from '../../src/base/address.ts';
import { openCallFrames } from '../../src/dwarf/call-frame/open-call-frames.ts';
import type { CallFrameRow } from '../../src/dwarf/call-frame/row.ts';
import { readElf } from '../../src/elf/elf-file.ts';
import { X86_64 } from '../../src/unwind/arch/x86-64.ts';
import { parseInstruction } from '../../src/unwind/arch/x86-64-instruction.ts';
import { pathsToReturn } from '../../src/unwind/arch/x86-64-paths.ts';
import type { CodeStepResult } from '../../src/unwind/code-step.ts';
import { FileSource } from '../support/file-source.ts';
import { hasTool } from '../support/held-library.ts';

/** It has code of every kind, and unwind rules by which can be told whether following instructions leads to the same. */
const LIBRARY = '/usr/lib/x86_64-linux-gnu/libc.so.6';
const obstacle = !hasTool('objdump')
  ? ' (no objdump)'
  : !existsSync(LIBRARY) || process.arch !== 'x64'
    ? ` (no ${LIBRARY})`
    : '';

/** `  26d0e:	48 8d 3d b9 f4 17 00 	lea    0x17f4b9(%rip),%rdi` */
const LINE = /^ +([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*(\S*)/u;
/** No instruction is longer. */
const PADDING = new Uint8Array(15);

interface Disassembled {
  readonly address: number;
  readonly bytes: readonly number[];
  readonly isCall: boolean;
}

async function disassemble(path: string): Promise<readonly Disassembled[]> {
  const words = ['-d', '-w', `--insn-width=${PADDING.length + 1}`, '--section=.text', path];
  const objdump = spawn('objdump', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const found: Disassembled[] = [];
  for await (const line of createInterface({ input: objdump.stdout })) {
    const [, address = '', text = '', name = ''] = LINE.exec(line) ?? [];
    if (name === '' || name === '(bad)') continue;
    const bytes = text
      .trim()
      .split(' ')
      .map((byte) => Number.parseInt(byte, 16));
    found.push({ address: Number.parseInt(address, 16), bytes, isCall: name === 'call' });
  }
  return found;
}

let instructions: readonly Disassembled[] = [];
beforeAll(async () => {
  if (obstacle === '') instructions = await disassemble(LIBRARY);
});

test.skipIf(obstacle !== '')(`parseInstruction() finds each as long as objdump does${obstacle}`, () => {
  const wrong = instructions.flatMap(({ address, bytes }) => {
    const sizeBytes = parseInstruction(Uint8Array.from([...bytes, ...PADDING]))?.sizeBytes;
    return sizeBytes === bytes.length ? [] : [`${address.toString(16)}: ${sizeBytes}`];
  });
  expect(wrong).toEqual([]);
  expect(instructions.length).toBeGreaterThan(100_000);
});

test.skipIf(obstacle !== '')(
  `pathsToReturn() tells behind calls what the unwind rules tell, the nearest way first${obstacle}`,
  () => {
    using file = new FileSource(LIBRARY);
    const elf = readElf(file);
    const callFrames = openCallFrames(elf);
    const text = elf.sections.find(({ name }) => name === '.text');
    if (text === undefined || callFrames === undefined) throw new RangeError(`${LIBRARY} has no code`);
    const code = file.read(text.fileOffset, text.sizeBytes);
    const reader = {
      code: (address: Address, sizeBytes: number) =>
        code.subarray(address - text.address, address - text.address + sizeBytes),
      find: () => undefined,
    };
    const calls = instructions.filter(({ isCall }, at) => isCall && at % 10 === 0);
    const answers = calls.map(({ address, bytes }) => {
      const after = toAddress(address + bytes.length);
      const row = callFrames.rowAt(toAddress(address));
      // A function that ends with a call calls what does not return.
      if (row === undefined || callFrames.rowAt(after)?.functionStart !== row.functionStart) return undefined;
      return isFollowedRightly(row, pathsToReturn(reader, after));
    });
    const right = answers.filter((answer) => answer === true).length;
    const other = answers.filter((answer) => answer === false).length;
    expect(right).toBeGreaterThan(1000);
    // The others go on behind a call of what does not return in the middle of a function, such as abort().
    expect(right / (right + other)).toBeGreaterThan(0.9);
  },
);

/**
 * Tells whether the nearest way has the frame as large as its rules, and registers where they have saved them; `undefined`
 * where there is no way, and where the rules tell no size.
 */
function isFollowedRightly(
  { cfa, registers }: CallFrameRow,
  ways: Iterable<CodeStepResult>,
): boolean | undefined {
  const [first] = ways;
  if (first === undefined || cfa.kind !== 'register') return undefined;
  const { base, stackPointer, saved } = first;
  const isSaved = ([register, offset]: readonly [number, number]) => {
    const rule = registers.get(register);
    return rule?.kind !== 'offset' || rule.offset === offset - stackPointer;
  };
  const isBase = cfa.register === (base === 'stack-pointer' ? X86_64.stackPointer : X86_64.framePointer);
  return isBase && cfa.offset === stackPointer && [...saved].every(isSaved);
}
