import { type Address, offsetBy, toAddress } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { NativeFrame } from '../../model/native-frame.ts';
import type { Problem } from '../../model/problem.ts';
import { CacheFiles } from '../../platform/cache-files.ts';
import { readCacheEnvironment } from '../../platform/environment.ts';
import type { ThreadRegisters } from '../../platform/thread-registers.ts';
import type { SymbolFrame } from '../../symbols/symbol-frame.ts';
import { type Architecture, architectureOf } from '../../unwind/architecture.ts';
import { unwindStack } from '../../unwind/unwind-stack.ts';
import { lookupAddressOf, type UnwoundFrame, type UnwoundStack } from '../../unwind/unwound-stack.ts';
import { type CodeModule, CodeModules } from './code-modules.ts';
import { CompiledCode } from './compiled-code.ts';
import { CoreOrigin, type CoreOriginParts } from './core-origin.ts';
import { ModuleNotes } from './module-notes.ts';
import { ModuleSymbols } from './module-symbols.ts';
import type { NativeOrigin } from './native-origin.ts';
import { ProcessOrigin } from './process-origin.ts';
import { registerValues } from './register-values.ts';
import type { StackCopies } from './stack-copies.ts';

export type { UnwoundFrame, UnwoundStack } from '../../unwind/unwound-stack.ts';

/** A native call that has a stack frame of its own. */
export interface UnwoundCall {
  /** The functions that were inlined into it, innermost first, and at last its own. */
  readonly frames: readonly NativeFrame[];
  /** Its part of the stack lies from here … */
  readonly stackPointer: Address;
  /** … to here; `undefined` when it is not known where it ends. */
  readonly cfa: Address | undefined;
}

/** Where a call stands, and in which file's code: that stays true when the process maps something else there. */
export interface CodePlace {
  readonly pc: Address;
  /** The address that names it. */
  readonly lookup: Address;
  /** `undefined` for code without a file. */
  readonly module: CodeModule | undefined;
}

/** The native calls of one thread, innermost first. */
export interface UnwoundThread {
  readonly calls: readonly UnwoundCall[];
  /** Why there may be more further out; `undefined` when the last call is where the thread began. */
  readonly cutOff: string | undefined;
}

/** Answers of one module: most have some hundred addresses, of 100 bytes each. */
const CACHE_LIMITS = { maxFileBytes: 4 << 20, maxTotalBytes: 64 << 20 };

/** The native stacks of one process, made of copies. Its origin is closed with it. */
export class NativeStacks implements Disposable {
  readonly #origin: NativeOrigin;
  readonly #modules: CodeModules;
  readonly #symbols: ModuleSymbols;
  readonly #compiledCode: CompiledCode;
  readonly #notes: ModuleNotes;

  private constructor(origin: NativeOrigin) {
    this.#origin = origin;
    this.#modules = new CodeModules(origin);
    const cacheFiles = new CacheFiles(readCacheEnvironment(), CACHE_LIMITS);
    this.#symbols = new ModuleSymbols(origin, cacheFiles);
    this.#compiledCode = new CompiledCode(origin);
    this.#notes = new ModuleNotes(origin);
  }

  /** @param memory as far as it does not change: code and what is constant */
  static ofProcess(pid: number, memory: Memory): NativeStacks {
    return new NativeStacks(new ProcessOrigin(pid, memory));
  }

  static ofCore(parts: CoreOriginParts): NativeStacks {
    return new NativeStacks(new CoreOrigin(parts));
  }

  /** Unwinds the stacks of threads and names their calls; those of which nothing was copied are left out. */
  unwind(copies: StackCopies, threadIds: Iterable<number>): ReadonlyMap<number, UnwoundThread> {
    const stacks = new Map<number, UnwoundStack>();
    for (const id of threadIds) {
      const stack = this.walk(copies, id);
      if (stack !== undefined) stacks.set(id, stack);
    }
    const frames = [...stacks.values()].flatMap((stack) => stack.frames);
    const named = this.framesAt(frames.map((frame) => this.placeOf(frame)));
    const names = new Map(frames.map((frame, at) => [frame, named[at] ?? []]));
    return new Map(
      [...stacks].map(([id, stack]): [number, UnwoundThread] => {
        const calls = stack.frames.map((frame) => callOf(frame, names.get(frame) ?? []));
        return [id, { calls, cutOff: stack.end.kind === 'cut-off' ? stack.end.reason : undefined }];
      }),
    );
  }

  /** Unwinds the stack of a thread without naming anything; `undefined` when nothing was copied of it. */
  walk({ registers, stacks }: StackCopies, threadId: number): UnwoundStack | undefined {
    const found = registers.get(threadId);
    const architecture = found && this.#architectureAt(found);
    if (found === undefined || architecture === undefined) return undefined;
    return unwindStack({
      architecture,
      registers: registerValues(architecture, found),
      memory: stacks,
      modules: this.#modules,
    });
  }

  /** Takes up what the process has mapped by now. */
  refresh(): void {
    this.#origin.refresh();
    this.#modules.refresh();
  }

  /** Finds what code a call stands in at present. */
  placeOf(frame: UnwoundFrame): CodePlace {
    const lookup = lookupOf(frame);
    return { pc: frame.pc, lookup, module: this.#modules.moduleAt(lookup) };
  }

  /** Whether a place still is in the code that it was in. */
  isCurrent({ lookup, module }: CodePlace): boolean {
    return this.#modules.moduleAt(lookup) === module;
  }

  /**
   * Names places: the functions that were inlined there, innermost first, and at last the one that they are in. Asked for all at
   * once, so that each symbol table is looked through once.
   */
  framesAt(places: readonly CodePlace[]): readonly (readonly NativeFrame[])[] {
    const names = this.#namesAt(places);
    return places.map((place) => {
      const named = place.module === undefined ? [] : this.#framesIn(place.module, place, names);
      return named.length > 0 ? named : [this.#unnamedFrame(place)];
    });
  }

  #namesAt(places: readonly CodePlace[]): Names {
    const wanted = new Map<CodeModule, Set<number>>();
    for (const { lookup, module } of places) {
      if (module === undefined) continue;
      const addresses = wanted.get(module) ?? new Set();
      wanted.set(module, addresses.add(offsetBy(lookup, -module.bias)));
    }
    return new Map([...wanted].map(([module, each]) => [module, this.#symbols.framesAt(module, [...each])]));
  }

  /** What a reader should know of the modules whose calls were named so far. */
  problems(): readonly Problem[] {
    return this.#notes.problems();
  }

  /** Unless it is known, that of the code which the thread runs. */
  #architectureAt({ instructionPointer }: ThreadRegisters): Architecture | undefined {
    const { machine } = this.#origin;
    if (machine !== undefined) return architectureOf(machine);
    const module = this.#modules.moduleAt(toAddress(Number(instructionPointer))) ?? this.#modules.any();
    return module?.loaded === undefined ? undefined : architectureOf(module.loaded.elf.machine);
  }

  #framesIn(module: CodeModule, { pc, lookup }: CodePlace, names: Names): readonly NativeFrame[] {
    const place = { pc, module: module.facts, moduleAddress: offsetBy(pc, -module.bias) };
    // The symbol covers the call, so that it is counted from there to the return address.
    const distance = pc - lookup;
    const named = names.get(module)?.get(offsetBy(lookup, -module.bias)) ?? [];
    this.#notes.see(module, lookup, named.length > 0);
    return named.map((each) => ({ ...place, ...namesOf(each, distance) }));
  }

  /** Where no file has a name, a compiler that ran in the process may have left one. */
  #unnamedFrame({ module, pc, lookup }: CodePlace): NativeFrame {
    const compiled = this.#compiledCode.find(lookup);
    const functionStart =
      compiled === undefined && module !== undefined ? functionStartIn(module, lookup) : undefined;
    return {
      pc,
      module: module?.facts,
      moduleAddress: module?.loaded === undefined ? undefined : offsetBy(pc, -module.bias),
      symbol: compiled?.name,
      symbolOffset: compiled === undefined ? undefined : pc - compiled.start,
      ...(functionStart === undefined ? {} : { functionStart }),
      file: undefined,
      line: undefined,
      isInlined: false,
    };
  }

  [Symbol.dispose](): void {
    this.#symbols[Symbol.dispose]();
    this.#origin[Symbol.dispose]();
  }
}

/** What stands at the addresses of each module, which are the module's own. */
type Names = ReadonlyMap<CodeModule, ReadonlyMap<number, readonly SymbolFrame[]>>;

function functionStartIn({ callFrames, bias }: CodeModule, lookup: Address): number | undefined {
  return readIfSound(() => callFrames?.rowAt(lookup - bias)?.functionStart);
}

function callOf({ stackPointer, cfa }: UnwoundFrame, frames: readonly NativeFrame[]): UnwoundCall {
  return { frames, stackPointer, cfa };
}

/** A signal handler returns to a trampoline that has called nothing: it begins where it is returned to. */
function lookupOf(frame: UnwoundFrame): Address {
  return frame.isSignalFrame ? frame.pc : lookupAddressOf(frame);
}

function namesOf({ name, rawName, offset, file, line, isInlined }: SymbolFrame, distance: number) {
  const symbolOffset = offset === undefined ? undefined : offset + distance;
  const raw = rawName === undefined ? {} : { rawSymbol: rawName };
  return { symbol: name, ...raw, symbolOffset, file, line, isInlined };
}
