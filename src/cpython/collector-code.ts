import type { AddressRange } from '../base/address.ts';
import type { AddressSpace } from './discovery/address-space.ts';
import { runtimeModule } from './discovery/runtime-module.ts';
import type { RuntimeRoots } from './runtime.ts';

/**
 * The functions that run only while garbage is collected and that call finalizers: `collect` to 3.9, `gc_collect_main`
 * from 3.10 on, the others in 3.14 (cpython/Modules/gcmodule.c, Python/gc.c) and in free-threaded builds
 * (Python/gc_free_threading.c). All are static, so only .symtab names them.
 */
const COLLECTOR_FUNCTIONS: ReadonlySet<string> = new Set([
  'collect',
  'gc_collect_full',
  'gc_collect_increment',
  'gc_collect_internal',
  'gc_collect_main',
  'gc_collect_region',
  'gc_collect_young',
]);

/** Finds the code of a runtime that runs only while garbage is collected; nothing in a stripped build. */
export function findCollectorCode(space: AddressSpace, roots: RuntimeRoots): readonly AddressRange[] {
  return runtimeModule(space, roots)?.findFunctions(COLLECTOR_FUNCTIONS) ?? [];
}
