import { type Address, type AddressRange, offsetBy } from '../../base/address.ts';
import { InterpreterNotFoundError, UnsupportedPythonError } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import { StructView } from '../../base/struct-view.ts';
import type { CPythonRuntime, RuntimeRoots } from '../runtime.ts';
import type { AddressSpace, MappedModule } from './address-space.ts';
import { buildByVersion, checked, type RuntimeSearch, runtimeAt } from './runtime-candidate.ts';
import { scanEverything } from './scan-everything.ts';
import { scanModules } from './scan-for-runtime.ts';

/**
 * Finds the CPython of a process: by the section or symbol of `_PyRuntime` (3.7+) or `interp_head` (before), else by
 * scanning .bss for a pointer to what holds together as an interpreter, and if `exhaustive`, all other memory too.
 * Gives `undefined` when nothing points to a CPython at all.
 * @throws {InterpreterNotFoundError} when there is a CPython, and no method led to its interpreter
 * @throws {UnsupportedPythonError} when its version has no layout
 */
export function findRuntime(
  memory: Memory,
  space: AddressSpace,
  options: { readonly exhaustive: boolean },
): CPythonRuntime | undefined {
  const search: RuntimeSearch = { memory, space, attempts: [], dormant: new Set() };
  const modules = inOrderOfPromise(space.modules);
  for (const [at, module] of modules.entries()) {
    const found = runtimeOf(search, module);
    if (found !== undefined) return { ...found, others: othersAmong(search, found, modules.slice(at + 1)) };
  }
  const unexplained = modules.filter((module) => mayHoldPython(module) && !search.dormant.has(module));
  const others = modules.filter((module) => !mayHoldPython(module));
  const scanned =
    scanModules(search, unexplained) ?? (options.exhaustive ? scanEverything(search, others) : undefined);
  if (scanned !== undefined) return scanned;
  if (search.dormant.size > 0) throw new InterpreterNotFoundError(search.attempts, describeDormant(search));
  if (search.attempts.length > 0) throw new InterpreterNotFoundError(search.attempts);
  return undefined;
}

function runtimeOf(search: RuntimeSearch, module: MappedModule): CPythonRuntime | undefined {
  return runtimeBySymbol(search, module) ?? interpreterBySymbol(search, module);
}

/** A CPython of an unsupported version is none that could be shown; only as the first one is it worth an error. */
function othersAmong(
  search: RuntimeSearch,
  found: CPythonRuntime,
  modules: readonly MappedModule[],
): readonly CPythonRuntime[] {
  return modules.filter(mayHoldPython).flatMap((module) => {
    try {
      const other = runtimeOf(search, module);
      return other === undefined || isSame(other, found) ? [] : [other];
    } catch (error) {
      if (error instanceof UnsupportedPythonError) return [];
      throw error;
    }
  });
}

function isSame({ roots: a }: CPythonRuntime, { roots: b }: CPythonRuntime): boolean {
  return a.runtime === b.runtime && a.currentThreadState === b.currentThreadState;
}

function describeDormant({ dormant }: RuntimeSearch): string {
  const paths = [...dormant].map(({ path }) => path);
  return `${[...new Set(paths)].join(', ')} is loaded, but not initialised yet or already finalised`;
}

/** Programs and libraries that are called python first; an embedding program may be called anything. */
function inOrderOfPromise(modules: readonly MappedModule[]): readonly MappedModule[] {
  const rank = (module: MappedModule): number => (isNamedPython(module) ? 0 : module.isMainProgram ? 1 : 2);
  return [...modules].sort((a, b) => rank(a) - rank(b));
}

/** `python3.11`, `libpython3.6m.so.1.0`; extension modules have it elsewhere in their names, `_bz2.cpython-311-….so`. */
function isNamedPython({ path }: MappedModule): boolean {
  return /^(?:lib)?python/u.test(path.slice(path.lastIndexOf('/') + 1));
}

function mayHoldPython(module: MappedModule): boolean {
  return module.isMainProgram || isNamedPython(module);
}

function runtimeBySymbol(search: RuntimeSearch, module: MappedModule): CPythonRuntime | undefined {
  // The linker keeps the section from 3.10 or so on, and stripping does not remove it.
  const section = module.findSection('.PyRuntime');
  const address = section?.address ?? module.findExportedSymbol('_PyRuntime');
  if (address === undefined) return undefined;
  const method = section === undefined ? 'symbol _PyRuntime' : 'section .PyRuntime';
  return runtimeAt(search, module, address, `${method} of ${module.path}`);
}

/** Versions before 3.7 keep their roots in variables of their own. */
function interpreterBySymbol(search: RuntimeSearch, module: MappedModule): CPythonRuntime | undefined {
  const currentThreadState = module.findExportedSymbol('_PyThreadState_Current');
  if (currentThreadState === undefined) return undefined;
  const headPointer = headPointerOf(search.memory, module);
  if (headPointer === undefined) {
    search.attempts.push(`symbol _PyThreadState_Current of ${module.path}: no interp_head beside it`);
    return undefined;
  }
  const foundBy = `symbol interp_head of ${module.path}`;
  const build = buildByVersion(search, module, foundBy);
  if (build === undefined) return undefined;
  return checked(search, module, {
    ...build,
    foundBy,
    others: [],
    roots: {
      runtime: undefined,
      interpreters: { headPointer },
      currentThreadState,
      gilWaits: gilWaitsBySymbol(module),
      interpreterLock: module.findSymbol('interpreter_lock'),
      youngestGeneration: module.findExportedSymbol('_PyGC_generation0'),
    },
  });
}

/** `mov rax, [rip + offset]; ret`: what gcc and clang make of PyInterpreterState_Head() on x86-64. */
const HEAD_FUNCTION = { opcode: [0x48, 0x8b, 0x05], end: 7, ret: 0xc3 } as const;

/** `interp_head` is static, so a stripped build has its address only in the function that returns it. */
function headPointerOf(memory: Memory, module: MappedModule): Address | undefined {
  const code = module.findExportedSymbol('PyInterpreterState_Head');
  if (code !== undefined) {
    const body = new StructView(memory.read(code, HEAD_FUNCTION.end + 1), 'PyInterpreterState_Head');
    const isLoad = HEAD_FUNCTION.opcode.every((byte, at) => body.u8(at) === byte);
    if (isLoad && body.u8(HEAD_FUNCTION.end) === HEAD_FUNCTION.ret) {
      return offsetBy(code, HEAD_FUNCTION.end + body.i32(3));
    }
  }
  return module.findSymbol('interp_head');
}

/** The GIL of 3.6 is static variables of ceval.c: two conditions and the mutexes that go with them. */
function gilWaitsBySymbol(module: MappedModule): RuntimeRoots['gilWaits'] {
  const rangeOf = (name: string, sizeBytes: number): readonly AddressRange[] => {
    const address = module.findSymbol(name);
    return address === undefined ? [] : [{ address, sizeBytes }];
  };
  const waiting = rangeOf('gil_cond', PTHREAD_COND_BYTES);
  if (waiting.length === 0) return undefined;
  return {
    waiting: [...waiting, ...rangeOf('gil_mutex', PTHREAD_MUTEX_BYTES)],
    dropping: [
      ...rangeOf('switch_cond', PTHREAD_COND_BYTES),
      ...rangeOf('switch_mutex', PTHREAD_MUTEX_BYTES),
    ],
  };
}

// sizeof(pthread_cond_t) and sizeof(pthread_mutex_t) of glibc and musl on x86-64; aarch64's mutex is longer.
const PTHREAD_COND_BYTES = 48;
const PTHREAD_MUTEX_BYTES = 40;
