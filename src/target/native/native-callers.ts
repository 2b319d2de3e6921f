import { type Address, toAddress } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import type { ThreadRegisters } from '../../platform/thread-registers.ts';
import { architectureOf } from '../../unwind/architecture.ts';
import { unwindStack } from '../../unwind/unwind-stack.ts';
import { CodeModules } from './code-modules.ts';
import { ProcessOrigin } from './process-origin.ts';
import { registerValues } from './register-values.ts';

/** Where a native call stands, without its name. */
export interface NativeCaller {
  readonly pc: Address;
  /** The file of its code, as the target's maps name it; `undefined` for code without one. */
  readonly modulePath: string | undefined;
}

/** A walk that has not left the C library after so many calls is given up. */
const MOST_CALLS = 12;

/** Tells which files' code the innermost calls of a thread run. The files stay open until it is disposed of. */
export class NativeCallers implements Disposable {
  readonly #origin: ProcessOrigin;
  readonly #modules: CodeModules;
  readonly #memory: Memory;

  constructor(pid: number, memory: Memory) {
    this.#memory = memory;
    this.#origin = new ProcessOrigin(pid, memory);
    this.#modules = new CodeModules(this.#origin);
  }

  /** The innermost calls of a thread that sleeps or stands still, innermost first. */
  of(registers: ThreadRegisters): readonly NativeCaller[] {
    const loaded = this.#modules.moduleAt(toAddress(Number(registers.instructionPointer)))?.loaded;
    const architecture = loaded === undefined ? undefined : architectureOf(loaded.elf.machine);
    if (architecture === undefined) return [];
    const { frames } = unwindStack({
      architecture,
      registers: registerValues(architecture, registers),
      memory: this.#memory,
      modules: this.#modules,
      maxFrames: MOST_CALLS,
    });
    return frames.map(({ pc }) => ({ pc, modulePath: this.#modules.moduleAt(pc)?.image.path }));
  }

  [Symbol.dispose](): void {
    this.#origin[Symbol.dispose]();
  }
}
