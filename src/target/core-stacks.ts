import type { Memory } from '../base/ports.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import type { CoreFile } from '../elf/core/core-file.ts';
import type { ThreadRegisters } from '../platform/thread-registers.ts';
import { architectureOf } from '../unwind/architecture.ts';
import { parseRegisterSet } from '../unwind/registers.ts';
import type { StackCopies } from './native/stack-copies.ts';

/** What the native stacks of a core are unwound from. Nothing has to be copied, as nothing moves. */
export function coreStacks(core: CoreFile, memory: Memory): StackCopies {
  const registers = core.notes.threads.flatMap(({ threadId, registers: all }) => {
    const found = registersOf(core, all);
    return found === undefined ? [] : [[threadId, found] as const];
  });
  return { registers: new Map(registers), stacks: memory };
}

/** `undefined` where the processor is not known, and for a set that is cut off. */
function registersOf({ machine }: CoreFile, all: Uint8Array): ThreadRegisters | undefined {
  const architecture = architectureOf(machine);
  if (architecture === undefined) return undefined;
  return readIfSound(() => {
    const values = parseRegisterSet(architecture, all);
    const stackPointer = values[architecture.stackPointer] ?? 0n;
    const instructionPointer = values[architecture.pc] ?? 0n;
    return { stackPointer, instructionPointer, threadPointer: undefined, all };
  });
}
