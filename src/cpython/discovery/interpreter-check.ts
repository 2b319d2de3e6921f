import { type Address, offsetBy } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { StructView } from '../../base/struct-view.ts';
import type { Layout } from '../layouts/layout.ts';
import { ObjectReader } from '../objects/object-reader.ts';
import { readPointer } from '../runtime.ts';

/** `Py_TPFLAGS_DICT_SUBCLASS`, cpython/Include/object.h; the same bit in every version that we read. */
const DICT_SUBCLASS_FLAG = 1 << 29;

/**
 * Tells whether an address holds a PyInterpreterState: its first thread state points back at it, and its table of
 * modules is a dict. Where a symbol named the place, one of the two is enough: an idle interpreter has no thread,
 * one whose threads come and go may have lost the first one a moment ago, and one that is shutting down has no modules.
 * A place that a scan came upon must show both, and have `sys` among its modules: in a large memory something else passes
 * every cheaper test.
 */
export function looksLikeInterpreter(
  memory: Memory,
  layout: Layout,
  address: Address,
  evidence: 'either' | 'both',
): boolean {
  const shows = (test: typeof hasOwnThread): boolean =>
    readIfSound(() => test(memory, layout, address)) ?? false;
  if (evidence === 'either') return shows(hasOwnThread) || shows(hasModules);
  return shows(hasOwnThread) && shows(hasModules) && shows(hasSys);
}

function hasOwnThread(memory: Memory, layout: Layout, interpreter: Address): boolean {
  const thread = readPointer(memory, offsetBy(interpreter, layout.interpreter.threadsHead));
  return (
    thread !== undefined &&
    readPointer(memory, offsetBy(thread, layout.threadState.interpreter)) === interpreter
  );
}

function hasModules(memory: Memory, layout: Layout, interpreter: Address): boolean {
  const modules = readPointer(memory, offsetBy(interpreter, layout.interpreter.modules));
  if (modules === undefined) return false;
  const type = readPointer(memory, offsetBy(modules, layout.object.type));
  if (type === undefined) return false;
  const flags = new StructView(memory.read(offsetBy(type, layout.type.flags), 8), 'tp_flags').u32(0);
  return (flags & DICT_SUBCLASS_FLAG) !== 0;
}

function hasSys(memory: Memory, layout: Layout, interpreter: Address): boolean {
  const modules = readPointer(memory, offsetBy(interpreter, layout.interpreter.modules));
  return modules !== undefined && new ObjectReader(memory, layout).lookUpString(modules, 'sys') !== undefined;
}
