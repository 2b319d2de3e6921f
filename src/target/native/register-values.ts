import type { ThreadRegisters } from '../../platform/thread-registers.ts';
import type { Architecture } from '../../unwind/architecture.ts';
import { parseRegisterSet, type RegisterValues } from '../../unwind/registers.ts';

/** The registers to unwind from; of a thread that was left asleep only two are known. */
export function registerValues(architecture: Architecture, found: ThreadRegisters): RegisterValues {
  if (found.all !== undefined) return parseRegisterSet(architecture, found.all);
  const values: (bigint | undefined)[] = [];
  values[architecture.pc] = found.instructionPointer;
  values[architecture.stackPointer] = found.stackPointer;
  return values;
}
