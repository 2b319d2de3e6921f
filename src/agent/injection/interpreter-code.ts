import type { Address, AddressRange } from '../../base/address.ts';
import type { MappedModule } from '../../cpython/discovery/address-space.ts';
import { findPendingCalls, type PendingCallPlaces } from '../../cpython/injection/pending-calls.ts';
import { readPointer } from '../../cpython/runtime.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import { withAddressSpace } from '../../target/open-modules.ts';

/** The functions of the interpreter that a program is run with, and where it keeps what is to be done. */
export interface InterpreterCode {
  /** The file that holds the interpreter, as the target's maps name it. */
  readonly path: string;
  readonly runSimpleString: Address | undefined;
  readonly ensureGil: Address | undefined;
  readonly releaseGil: Address | undefined;
  /** PyErr_CheckSignals(): takes no argument and minds none. The evaluation loop calls it by itself, so that once more does nothing. */
  readonly checkSignals: Address | undefined;
  readonly pendingCalls: PendingCallPlaces | undefined;
  /** It has begun to shut down, on versions that keep that in a variable (3.6). */
  readonly isFinalizing: boolean;
  /** The last bytes of writable memory of modules: what lies behind them up to the end of the page belongs to nobody. */
  readonly writableEnds: readonly AddressRange[];
  /** The C library is musl, whose loader gives such memory to its allocator. */
  readonly isMusl: boolean;
}

/** Finds what is needed of the module that holds the interpreter; `undefined` when no module does. */
export function findInterpreterCode(target: LiveTarget, interpreter: Address): InterpreterCode | undefined {
  const { roots } = target.runtime;
  const root =
    roots.runtime ?? ('headPointer' in roots.interpreters ? roots.interpreters.headPointer : interpreter);
  return withAddressSpace(target.pid, target.memory, ({ modules }) => {
    const module = modules.find(({ writableRanges }) =>
      writableRanges.some(({ address, sizeBytes }) => address <= root && root < address + sizeBytes),
    );
    return module === undefined ? undefined : codeOf(target, interpreter, module, modules);
  });
}

/** Finds the code that runs Python code in the file that holds the interpreter; empty when it is not named there. */
export function findEvaluationLoop(
  { pid, memory, runtime }: LiveTarget,
  path: string,
): readonly AddressRange[] {
  const names = new Set([runtime.layout.rules.native.evaluation]);
  return withAddressSpace(
    pid,
    memory,
    ({ modules }) => modules.find((module) => module.path === path)?.findFunctions(names) ?? [],
  );
}

function codeOf(
  target: LiveTarget,
  interpreter: Address,
  module: MappedModule,
  modules: readonly MappedModule[],
): InterpreterCode {
  const functionNamed = (name: string) => module.findExportedSymbol(name) ?? module.findSymbol(name);
  const finalizing = target.runtime.roots.runtime === undefined ? functionNamed('_Py_Finalizing') : undefined;
  return {
    path: module.path,
    runSimpleString: functionNamed('PyRun_SimpleString'),
    ensureGil: functionNamed('PyGILState_Ensure'),
    releaseGil: functionNamed('PyGILState_Release'),
    checkSignals: functionNamed('PyErr_CheckSignals'),
    pendingCalls: findPendingCalls(target.runtime, interpreter, module),
    isFinalizing: finalizing !== undefined && readPointer(target.changingMemory, finalizing) !== undefined,
    writableEnds: [module, ...modules.filter((other) => other !== module && !isLoader(other))].flatMap(
      ({ writableRanges }) => writableRanges.slice(-1),
    ),
    isMusl: modules.some(({ path }) => isOfMusl(path)),
  };
}

/** The one file of musl is its loader, too: in Alpine it has that name, elsewhere it is `libc.so` and the other a link; glibc is `libc.so.6`. */
export function isOfMusl(path: string): boolean {
  return /\/(?:ld-musl-[^/]*|libc\.musl-[^/]*|libc\.so)$/u.test(path);
}

/** glibc's own loader allocates in its last page before there is an allocator (elf/dl-minimal.c). */
function isLoader({ path }: MappedModule): boolean {
  return /\/ld[-.][^/]*$/u.test(path);
}
