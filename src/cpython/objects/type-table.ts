import { type Address, hex } from '../../base/address.ts';
import { MalformedInputError, UnreadableMemoryError } from '../../base/errors.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { StructView } from '../../base/struct-view.ts';
import { findInDict } from './dict-lookup.ts';
import { foreignOffset, type ObjectSource, readCString, readPointer, readStruct } from './foreign-struct.ts';
import { readName } from './names.ts';
import { hasFlag, TYPE_FLAGS, type TypeFlags } from './type-flags.ts';
import { nameOfUnnamedType } from './unnamed-type.ts';

/** What is worth knowing of a type, read once. */
export interface TypeFacts {
  readonly address: Address;
  /** `__name__` of a class that Python code made; `tp_name`, with its module, of one made in C. */
  readonly name: string;
  /** As the repr of an instance shows it: `package.Outer.Inner`, `collections.deque`, `list`. */
  readonly fullName: string;
  /** `__qualname__`, from 3.3 on; the name before. */
  readonly qualifiedName: string;
  readonly flags: number;
  /** Made at run time: by a class statement, mostly. */
  readonly isHeapType: boolean;
  readonly basicSize: number;
  readonly itemSize: number;
  readonly dictOffset: number;
  /** Where an object has its weak references, which it does not hold: in its struct above 0, in front of it below. */
  readonly weakListOffset: number;
  readonly mro: Address | undefined;
  readonly dict: Address | undefined;
  /** Made in C, so that its name tells its layout. */
  readonly isBuiltIn: boolean;
  /** Names of itself and its ancestors along `tp_base`, nearest first, of those that were made in C. */
  readonly builtInTypes: readonly string[];
}

/** What `tp_name` can hold; longer ones are torn memory. */
const MOST_NAME_BYTES = 1024;
/** `tp_weaklistoffset` lies six pointers before `tp_base`, cpython/Include/cpython/object.h, 2.7 to 3.15. */
const WEAK_LIST_BEFORE_BASE = 48;
/** A class deeper than this is not believed. */
const MOST_ANCESTORS = 256;

/** The types of one target, each read once: valid as long as the target stands still. */
export class TypeTable {
  readonly #source: ObjectSource;
  readonly #flags: TypeFlags;
  readonly #known = new Map<Address, TypeFacts>();

  constructor(source: ObjectSource, flags: TypeFlags) {
    this.#source = source;
    this.#flags = flags;
  }

  forget(): void {
    this.#known.clear();
  }

  /**
   * Reads a type.
   * @throws {MalformedInputError} for what is not one
   */
  facts(type: Address): TypeFacts {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const facts = this.#readFacts(type);
    this.#known.set(type, facts);
    return facts;
  }

  #readFacts(type: Address): TypeFacts {
    const { layout } = this.#source;
    const flags = this.#flags.of(type);
    const struct = this.#readType(type);
    const isHeapType = hasFlag(flags, TYPE_FLAGS.heapType);
    const name = this.#readTypeName(struct, flags);
    const dict = struct.pointer(layout.type.dict);
    const qualifiedName = (isHeapType ? this.#readQualifiedName(type) : undefined) ?? name;
    const moduleName = isHeapType && dict !== undefined ? this.#readModuleName(dict) : undefined;
    const hasModule = moduleName !== undefined && !['builtins', '__builtin__'].includes(moduleName);
    return {
      address: type,
      name,
      fullName: hasModule ? `${moduleName}.${qualifiedName}` : qualifiedName,
      qualifiedName,
      flags,
      isHeapType,
      basicSize: struct.ssize(layout.type.basicSize),
      itemSize: struct.ssize(layout.type.itemSize),
      dictOffset: struct.ssize(layout.type.dictOffset),
      weakListOffset: struct.ssize(layout.type.base - WEAK_LIST_BEFORE_BASE),
      mro: struct.pointer(layout.type.mro),
      dict,
      isBuiltIn: this.#isBuiltIn(flags),
      builtInTypes: this.#readBuiltInTypes(type),
    };
  }

  #readType(type: Address): StructView {
    return readStruct(this.#source.memory, type, this.#source.layout.type.sizeBytes, 'PyTypeObject');
  }

  #readTypeName(struct: StructView, flags: number): string {
    const { memory, layout } = this.#source;
    try {
      return readCString(memory, struct.requiredPointer(layout.type.name), MOST_NAME_BYTES);
    } catch (error) {
      if (!(error instanceof UnreadableMemoryError) || layout.unicode2 !== undefined) throw error;
      const base = struct.pointer(layout.type.base);
      const name = nameOfUnnamedType(flags, base === undefined ? undefined : this.#flags.of(base));
      if (name === undefined) throw error;
      return name;
    }
  }

  /**
   * Static types, and the heap types of extension modules, which say so by Py_TPFLAGS_IMMUTABLETYPE (3.10+; in
   * Python 2 the bit is set in every type). A class statement can take any name, but neither of the two.
   */
  #isBuiltIn(flags: number): boolean {
    if (!hasFlag(flags, TYPE_FLAGS.heapType)) return true;
    return this.#source.layout.unicode2 === undefined && hasFlag(flags, TYPE_FLAGS.immutableType);
  }

  #readBuiltInTypes(type: Address): readonly string[] {
    const { layout } = this.#source;
    const names: string[] = [];
    const seen = new Set<Address>();
    for (let next: Address | undefined = type; next !== undefined; ) {
      if (seen.has(next) || seen.size === MOST_ANCESTORS)
        throw new MalformedInputError(`type at ${hex(type)}`, layout.type.base, 'its bases do not end');
      seen.add(next);
      const struct = this.#readType(next);
      if (this.#isBuiltIn(this.#flags.of(next))) names.push(this.#readTypeName(struct, this.#flags.of(next)));
      next = struct.pointer(layout.type.base);
    }
    return names;
  }

  /** A name that cannot be read is no reason to give up the object: `tp_name` is there. */
  #readQualifiedName(type: Address): string | undefined {
    const { memory, layout } = this.#source;
    const offset = layout.type.htQualname;
    if (offset === undefined) return undefined;
    return readIfSound(() => {
      const name = readPointer(memory, foreignOffset(type, offset, 'ht_qualname'), 'ht_qualname');
      return name === undefined ? undefined : readName(this.#source, this.#flags, name);
    });
  }

  #readModuleName(dict: Address): string | undefined {
    return readIfSound(() => {
      const name = findInDict(this.#source, this.#flags, { dict, keys: ['__module__'] }).get('__module__');
      return name === undefined ? undefined : readName(this.#source, this.#flags, name);
    });
  }
}
