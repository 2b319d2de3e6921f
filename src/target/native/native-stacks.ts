import { type Address, offsetBy, toAddress } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import type { NativeFrame } from '../../model/native-frame.ts';
import { CacheFiles } from '../../platform/cache-files.ts';
import { readCacheEnvironment } from '../../platform/environment.ts';
import type { ThreadRegisters } from '../../platform/process-pause.ts';
import type { SymbolFrame } from '../../symbols/symbol-frame.ts';
import { type Architecture, architectureOf } from '../../unwind/architecture.ts';
import { parseRegisterSet, type RegisterValues } from '../../unwind/registers.ts';
import { unwindStack } from '../../unwind/unwind-stack.ts';
import { lookupAddressOf, type UnwoundFrame } from '../../unwind/unwound-stack.ts';
import { OpenElfFiles } from '../open-modules.ts';
import { CodeModules } from './code-modules.ts';
import { ModuleSymbols } from './module-symbols.ts';
import type { StackCopies } from './stack-copies.ts';

/** A native call that has a stack frame of its own. */
export interface UnwoundCall {
  /** The functions that were inlined into it, innermost first, and at last its own. */
  readonly frames: readonly NativeFrame[];
  /** Its part of the stack lies from here … */
  readonly stackPointer: Address;
  /** … to here; `undefined` when it is not known where it ends. */
  readonly cfa: Address | undefined;
}

/** The native calls of one thread, innermost first. */
export interface UnwoundThread {
  readonly calls: readonly UnwoundCall[];
  /** Why there may be more further out; `undefined` when the last call is where the thread began. */
  readonly cutOff: string | undefined;
}

/** Answers of one module: most have some hundred addresses, of 100 bytes each. */
const CACHE_LIMITS = { maxFileBytes: 4 << 20, maxTotalBytes: 64 << 20 };

/** The native stacks of one process, made of copies. The files that it opens are closed with it. */
export class NativeStacks implements Disposable {
  readonly #files: OpenElfFiles;
  readonly #modules: CodeModules;
  readonly #symbols: ModuleSymbols;

  constructor(pid: number, memory: Memory) {
    this.#files = new OpenElfFiles(pid, memory);
    this.#modules = new CodeModules(pid, memory, this.#files);
    const cacheFiles = new CacheFiles(readCacheEnvironment(), CACHE_LIMITS);
    this.#symbols = new ModuleSymbols(pid, this.#files, cacheFiles);
  }

  /** Unwinds the stack of a thread and names its calls; `undefined` for one of which nothing was copied. */
  unwind({ registers, stacks }: StackCopies, threadId: number): UnwoundThread | undefined {
    const found = registers.get(threadId);
    const architecture = found && this.#architectureAt(found);
    if (found === undefined || architecture === undefined) return undefined;
    const { frames, end } = unwindStack({
      architecture,
      registers: registerValues(architecture, found),
      memory: stacks,
      modules: this.#modules,
    });
    return {
      calls: frames.map((frame) => this.#callOf(frame)),
      cutOff: end.kind === 'cut-off' ? end.reason : undefined,
    };
  }

  /** That of the code which the thread runs. */
  #architectureAt({ instructionPointer }: ThreadRegisters): Architecture | undefined {
    const module = this.#modules.moduleAt(toAddress(Number(instructionPointer))) ?? this.#modules.any();
    return module?.loaded === undefined ? undefined : architectureOf(module.loaded.elf.machine);
  }

  #callOf(frame: UnwoundFrame): UnwoundCall {
    const { pc, stackPointer, cfa } = frame;
    // A signal handler returns to a trampoline that has called nothing: it begins where it is returned to.
    const lookup = frame.isSignalFrame ? pc : lookupAddressOf(frame);
    const module = this.#modules.moduleAt(lookup);
    if (module === undefined) return { frames: [frameWithout(pc)], stackPointer, cfa };
    const moduleAddress = offsetBy(pc, -module.bias);
    const place = { pc, module: module.facts, moduleAddress };
    const named = this.#symbols.framesAt(module, offsetBy(lookup, -module.bias));
    // The symbol covers the call, so that it is counted from there to the return address.
    const distance = pc - lookup;
    const frames = named.map((each) => ({ ...place, ...namesOf(each, distance) }));
    return { frames: frames.length === 0 ? [{ ...frameWithout(pc), ...place }] : frames, stackPointer, cfa };
  }

  [Symbol.dispose](): void {
    this.#symbols[Symbol.dispose]();
    this.#files[Symbol.dispose]();
  }
}

/** Of a thread that was left asleep only two are known. */
function registerValues(architecture: Architecture, found: ThreadRegisters): RegisterValues {
  if (found.all !== undefined) return parseRegisterSet(architecture, found.all);
  const values: (bigint | undefined)[] = [];
  values[architecture.pc] = found.instructionPointer;
  values[architecture.stackPointer] = found.stackPointer;
  return values;
}

function frameWithout(pc: Address): NativeFrame {
  return {
    pc,
    module: undefined,
    moduleAddress: undefined,
    symbol: undefined,
    symbolOffset: undefined,
    file: undefined,
    line: undefined,
    isInlined: false,
  };
}

function namesOf({ name, offset, file, line, isInlined }: SymbolFrame, distance: number) {
  const symbolOffset = offset === undefined ? undefined : offset + distance;
  return { symbol: name, symbolOffset, file, line, isInlined };
}
