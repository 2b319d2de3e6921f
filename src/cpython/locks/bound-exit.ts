import type { Address } from '../../base/address.ts';
import { readCString, readStruct } from '../objects/foreign-struct.ts';
import type { ObjectReader } from '../objects/object-reader.ts';

/** Of `with` and of `async with`. */
const EXITS = new Set(['__exit__', '__aexit__']);
const LONGEST_NAME_BYTES = 256;
/** By `tp_name`; Python 2 calls the second one otherwise. */
const BUILTIN_METHOD = 'builtin_function_or_method';
const METHODS = new Set(['method', 'instancemethod']);
const DESCRIPTORS = new Set(['method_descriptor', 'wrapper_descriptor', 'function']);

/** Reads whose `__exit__` or `__aexit__` an object is, bound; `undefined` when it is anything else. */
export function readBoundExit(objects: ObjectReader, object: Address): Address | undefined {
  const kinds = objects.typeOf(object).builtInTypes;
  const { memory, layout } = objects;
  // A method that is told its class (3.9+) is of a subtype.
  if (kinds.includes(BUILTIN_METHOD)) {
    const { definition, self } = layout.builtinMethod;
    const struct = readStruct(memory, object, Math.max(definition, self) + 8, 'PyCFunctionObject');
    const name = readStruct(memory, struct.requiredPointer(definition), 8, 'PyMethodDef').requiredPointer(0);
    return EXITS.has(readCString(memory, name, LONGEST_NAME_BYTES)) ? struct.pointer(self) : undefined;
  }
  if (!METHODS.has(kinds[0] ?? '')) return undefined;
  const struct = readStruct(
    memory,
    object,
    Math.max(layout.method.function, layout.method.self) + 8,
    'method',
  );
  const isExit = isExitFunction(objects, struct.requiredPointer(layout.method.function));
  return isExit ? struct.pointer(layout.method.self) : undefined;
}

/** Tells whether an object is a function called `__exit__` or `__aexit__`, made in C or in Python, not bound to anything. */
export function isExitFunction(objects: ObjectReader, object: Address): boolean {
  const [kind = ''] = objects.typeOf(object).builtInTypes;
  if (!DESCRIPTORS.has(kind)) return false;
  const { memory, layout } = objects;
  const place = kind === 'function' ? layout.function.name : layout.descriptor.name;
  const name = readStruct(memory, object, place + 8, kind).requiredPointer(place);
  return EXITS.has(objects.readText(name));
}
