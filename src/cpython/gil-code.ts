import type { AddressRange } from '../base/address.ts';
import type { AddressSpace } from './discovery/address-space.ts';
import { runtimeModule } from './discovery/runtime-module.ts';
import type { RuntimeRoots } from './runtime.ts';

/** The functions by which threads get the GIL and let go of it. */
export interface GilCode {
  readonly take: readonly AddressRange[];
  readonly drop: readonly AddressRange[];
}

const TAKE: ReadonlySet<string> = new Set(['take_gil']);
const DROP: ReadonlySet<string> = new Set(['drop_gil']);

/**
 * Finds them (cpython/Python/ceval_gil.h, from 3.12 on Python/ceval_gil.c, 3.2 and later). They are static, so only .symtab
 * names them: none in a stripped build.
 */
export function findGilCode(space: AddressSpace, roots: RuntimeRoots): GilCode {
  const module = runtimeModule(space, roots);
  return { take: module?.findFunctions(TAKE) ?? [], drop: module?.findFunctions(DROP) ?? [] };
}
