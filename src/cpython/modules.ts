import { type Address, hex, offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import { readPointer } from './objects/foreign-struct.ts';
import type { ObjectReader } from './objects/object-reader.ts';
import { readListItems } from './objects/sequences.ts';

/** An entry of `sys.modules`, as far as it could be read. */
export interface ModuleEntry {
  readonly name: string;
  readonly object: Address;
  /** `__name__`, `__file__`, `__cached__`: those that are strings. */
  readonly texts: ReadonlyMap<string, string>;
  readonly packagePath: readonly string[];
}

/** More modules than this no program has. */
const MOST_MODULES = 100_000;
/** Directories of one package. */
const MOST_DIRECTORIES = 1000;
const TEXTS = ['__name__', '__file__', '__cached__'];

/** Finds the module of a name in `sys.modules` of an interpreter. */
export function findModule(objects: ObjectReader, interpreter: Address, name: string): Address | undefined {
  const modules = modulesOf(objects, interpreter);
  return modules === undefined ? undefined : objects.lookUpString(modules, name);
}

/** Yields the names and objects of `sys.modules` of an interpreter; what is no name is left out. */
export function* moduleNames(
  objects: ObjectReader,
  interpreter: Address,
): Generator<{ readonly name: string; readonly object: Address }> {
  const modules = modulesOf(objects, interpreter);
  if (modules === undefined) return;
  for (const { key, value } of objects.dictEntries(modules, MOST_MODULES)) {
    const name = textIfAny(objects, key);
    if (name !== undefined) yield { name, object: value };
  }
}

/**
 * Reads what modules say of themselves. Python 2 has None there for what is no module, which is passed over.
 * @param tell is told of each module that cannot be read
 */
export function readModules(
  objects: ObjectReader,
  interpreter: Address,
  tell: (message: string) => void,
): readonly ModuleEntry[] {
  const modules: ModuleEntry[] = [];
  for (const { name, object } of moduleNames(objects, interpreter)) {
    try {
      if (objects.typeOf(object).name !== 'NoneType') modules.push(readModule(objects, name, object));
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      tell(`Cannot read the module ${name} at ${hex(object)}: ${error.message}`);
    }
  }
  return modules;
}

function modulesOf({ memory, layout }: ObjectReader, interpreter: Address): Address | undefined {
  return readPointer(memory, offsetBy(interpreter, layout.interpreter.modules), 'sys.modules');
}

function readModule(objects: ObjectReader, name: string, object: Address): ModuleEntry {
  const found = objects.findAttributes(object, [...TEXTS, '__path__']);
  const texts = TEXTS.flatMap((key): readonly (readonly [string, string])[] => {
    const value = found.get(key);
    const text = value === undefined ? undefined : textIfAny(objects, value);
    return text === undefined ? [] : [[key, text]];
  });
  const path = found.get('__path__');
  return {
    name,
    object,
    texts: new Map(texts),
    packagePath: path === undefined ? [] : readPackagePath(objects, path),
  };
}

/** A list, or the `_NamespacePath` of a package without a file, which keeps one in `_path`. */
function readPackagePath(objects: ObjectReader, path: Address): readonly string[] {
  const isList = objects.typeOf(path).builtInTypes.includes('list');
  const list = isList ? path : objects.findAttributes(path, ['_path']).get('_path');
  if (list === undefined || !objects.typeOf(list).builtInTypes.includes('list')) return [];
  return readListItems(objects, list, MOST_DIRECTORIES).items.flatMap((item) => {
    const text = item === undefined ? undefined : textIfAny(objects, item);
    return text === undefined ? [] : [text];
  });
}

function textIfAny(objects: ObjectReader, object: Address): string | undefined {
  return readIfSound(() => objects.readText(object));
}
