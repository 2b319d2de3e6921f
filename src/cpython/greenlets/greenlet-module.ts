import { type Address, offsetBy } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { foreignOffset, readPointer, readStruct } from '../objects/foreign-struct.ts';
import { readListItems } from '../objects/sequences.ts';
import type { TypedObjects } from '../objects/typed-objects.ts';

/** What an interpreter has imported of the package greenlet. */
export interface GreenletModule {
  /** `greenlet.__version__`. */
  readonly version: string;
  /** `greenlet.greenlet` and the classes derived from it, as those of gevent. */
  readonly types: ReadonlySet<Address>;
}

/** More classes than this do not derive from it. */
const MOST_TYPES = 10_000;

/** Finds the package greenlet; `undefined` where it is not imported. */
export function findGreenletModule(source: TypedObjects, interpreter: Address): GreenletModule | undefined {
  const { memory, layout } = source;
  const modules = readPointer(memory, offsetBy(interpreter, layout.interpreter.modules), 'sys.modules');
  const module = modules === undefined ? undefined : source.lookUpString(modules, 'greenlet');
  if (module === undefined) return undefined;
  const names = readStruct(memory, module, layout.module.dict + 8, 'module').requiredPointer(
    layout.module.dict,
  );
  const found = source.lookUpStrings(names, ['__version__', 'greenlet']);
  const [version, type] = [found.get('__version__'), found.get('greenlet')];
  // A module of that name that is another one, or one that is being imported.
  if (version === undefined || type === undefined) return undefined;
  return { version: source.readText(version), types: withSubclasses(source, type) };
}

function withSubclasses(source: TypedObjects, base: Address): ReadonlySet<Address> {
  const types = new Set([base]);
  for (const type of types) {
    for (const reference of subclassReferences(source, type)) {
      const place = foreignOffset(reference, source.layout.weakReference.object, 'weak reference');
      const derived = readPointer(source.memory, place, 'wr_object');
      if (derived !== undefined && isType(source, derived) && types.size < MOST_TYPES) types.add(derived);
    }
  }
  return types;
}

/** A class that is gone has left None. */
function isType({ flags }: TypedObjects, object: Address): boolean {
  return readIfSound(() => flags.of(object)) !== undefined;
}

/** `tp_subclasses`, two words behind `tp_mro` in all versions: a dict of weak references, in Python 2 a list of them. */
function subclassReferences(source: TypedObjects, type: Address): readonly Address[] {
  const place = foreignOffset(type, source.layout.type.mro + 16, 'PyTypeObject');
  const container = readPointer(source.memory, place, 'tp_subclasses');
  if (container === undefined) return [];
  if (source.typeOf(container).name === 'list')
    return readListItems(source, container, MOST_TYPES).items.filter((item) => item !== undefined);
  return [...source.dictEntries(container, MOST_TYPES)].map(({ value }) => value);
}
