import type { Address, AddressRange } from '../base/address.ts';
import { offsetBy } from '../base/address.ts';
import type { Memory } from '../base/ports.ts';
import { StructView } from '../base/struct-view.ts';
import type { PythonVersion } from '../model/python-version.ts';
import type { Layout } from './layouts/layout.ts';

/** A CPython runtime in the target: which one it is, and where its roots lie. */
export interface CPythonRuntime {
  readonly version: PythonVersion;
  readonly layout: Layout;
  /** The method that led to it, in words: `section .PyRuntime of /usr/bin/python3.11`. */
  readonly foundBy: string;
  readonly roots: RuntimeRoots;
  /** Other CPythons of the same process, which an embedding program may load as plug-ins. */
  readonly others: readonly CPythonRuntime[];
}

/** Places that stay the same while the process lives. */
export interface RuntimeRoots {
  /** `_PyRuntime`; versions before 3.7 have none, and a scan may not find it. */
  readonly runtime: Address | undefined;
  /** The pointer to the newest interpreter, or, where only a scan found it, the interpreter itself. */
  readonly interpreters: { readonly headPointer: Address } | { readonly interpreter: Address };
  /** The pointer to the thread state that holds the GIL; 3.12 and later keep it with each interpreter. */
  readonly currentThreadState: Address | undefined;
  /** Where threads sleep that wait for the GIL, and that have just dropped it: 3.2 to 3.11, one for the process. */
  readonly gilWaits: GilWaits | undefined;
  /** Python 2: the pointer to the semaphore that is the GIL; NULL until the first thread is started. */
  readonly interpreterLock: Address | undefined;
  /** To 3.6: the pointer to the first of the collector's three lists, which lie one after the other. */
  readonly youngestGeneration: Address | undefined;
}

/** Memory on which threads sleep in futex(2): condition variables and the mutexes that go with them. */
export interface GilWaits {
  readonly waiting: readonly AddressRange[];
  readonly dropping: readonly AddressRange[];
}

/** Reads the address of the newest interpreter; `undefined` before the runtime is initialised. */
export function readInterpretersHead(memory: Memory, { interpreters }: RuntimeRoots): Address | undefined {
  return 'interpreter' in interpreters
    ? interpreters.interpreter
    : readPointer(memory, interpreters.headPointer);
}

/** Reads the pointer at an address; `undefined` for NULL. */
export function readPointer(memory: Memory, address: Address): Address | undefined {
  return new StructView(memory.read(address, 8), 'pointer').pointer(0);
}

/** Tells the places in a `struct _gil_runtime_state` on which threads sleep: each condition and, behind it, its mutex. */
export function gilWaitsOf({ gil: layout }: Layout, gil: Address): GilWaits | undefined {
  if (layout === undefined) return undefined;
  const { cond, switchCond, sizeBytes } = layout;
  return {
    waiting: [{ address: offsetBy(gil, cond), sizeBytes: switchCond - cond }],
    dropping: [{ address: offsetBy(gil, switchCond), sizeBytes: sizeBytes - switchCond }],
  };
}
