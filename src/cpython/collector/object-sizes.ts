import { isAboutMemory } from '../../base/errors.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import { ancestorsOf } from '../objects/subtypes.ts';
import { hasFlag, TYPE_FLAGS } from '../objects/type-flags.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import type { HeapWords } from './heap-words.ts';
import { isHeapType, SIZE_RULES, type SizeRule, type SizeSource, structSize } from './size-rules.ts';

/** How the objects of a type are measured. */
export interface SizedType {
  readonly type: TypeFacts;
  readonly rule: SizeRule;
  /** Bytes in front of each object: the collector's, and the pointers to its dict and its weak references. */
  readonly headBytes: number;
  /** Whether what lies in front differs among its objects, as they are classes. */
  readonly isMetatype: boolean;
  /** Its own `__sizeof__` is not known, so that its objects are measured without what they keep elsewhere. */
  readonly isStructOnly: boolean;
}

/** Measures objects as `sys.getsizeof` does in the target, by the rules of their types. */
export class ObjectSizes {
  readonly #objects: ObjectReader;
  readonly #source: SizeSource;

  constructor(objects: ObjectReader, words: HeapWords) {
    const { layout, python2UnicodeBytes } = objects;
    this.#objects = objects;
    this.#source = { words, layout, python2UnicodeBytes };
  }

  /** Finds how the objects of a type are measured. */
  sizedType(type: TypeFacts): SizedType {
    const { layout } = this.#objects;
    const { preHeadFlags } = layout.rules.sizes;
    const collectorBytes = isTracked(type) ? (layout.collector?.headBytes ?? 0) : 0;
    const pointerBytes = hasFlag(type.flags, preHeadFlags) ? PRE_HEAD_BYTES : 0;
    const isMetatype =
      hasFlag(type.flags, TYPE_FLAGS.typeSubclass) && !layout.rules.sizes.staticTypesHaveHead;
    return { type, headBytes: collectorBytes + pointerBytes, isMetatype, ...this.#ruleOf(type) };
  }

  /** How many bytes an object takes. */
  of(object: number, { type, rule, headBytes, isMetatype }: SizedType): number {
    const size = rule(this.#source, object, type);
    // Of classes the collector has only those that were made at run time.
    return isMetatype && !isHeapType(this.#source, object) ? size : size + headBytes;
  }

  #ruleOf(type: TypeFacts): Pick<SizedType, 'rule' | 'isStructOnly'> {
    try {
      for (const address of ancestorsOf(this.#objects, type.address)) {
        const ancestor = this.#objects.typeFacts(address);
        if (!ancestor.isBuiltIn) continue;
        const rule = SIZE_RULES.get(ancestor.name);
        if (rule !== undefined) return { rule, isStructOnly: false };
        if (ancestor.name !== 'object' && this.#hasOwnSize(ancestor))
          return { rule: structSize, isStructOnly: true };
      }
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
    }
    return { rule: structSize, isStructOnly: false };
  }

  #hasOwnSize({ dict }: TypeFacts): boolean {
    return dict !== undefined && this.#objects.lookUpString(dict, '__sizeof__') !== undefined;
  }
}

/** Two pointers, `_PyType_PreHeaderSize`, cpython/Include/internal/pycore_object.h, 3.11 to 3.15. */
const PRE_HEAD_BYTES = 16;

/** Whether the collector can have the objects of a type in its lists. */
export function isTracked({ flags }: TypeFacts): boolean {
  return hasFlag(flags, TYPE_FLAGS.haveGc);
}
