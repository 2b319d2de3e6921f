import type { Address } from '../base/address.ts';

/**
 * A Python object as it was read from memory, without running any code of the target. A tree: what was left
 * out (a budget was spent, an object was met again on its own path, memory was torn) is said by a node of its
 * own or by `omitted`, never by silence.
 */
export type ObjectView =
  | { readonly kind: 'none' }
  | { readonly kind: 'ellipsis' }
  | { readonly kind: 'not-implemented' }
  | { readonly kind: 'bool'; readonly value: boolean }
  /** Python 2's `int` and `long` and Python 3's `int`; `isLong` marks Python 2's `long`. */
  | { readonly kind: 'int'; readonly value: bigint; readonly isLong: boolean }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'complex'; readonly real: number; readonly imaginary: number }
  /** `value` may hold lone surrogates. `omitted` counts code points cut from the end. */
  | {
      readonly kind: 'str';
      readonly value: string;
      readonly omitted: number;
      readonly python2: 'str' | 'unicode' | undefined;
    }
  | {
      readonly kind: 'bytes';
      readonly value: Uint8Array;
      readonly omitted: number;
      readonly type: 'bytes' | 'bytearray';
    }
  | {
      readonly kind: 'sequence';
      readonly type: 'tuple' | 'list' | 'set' | 'frozenset' | 'deque';
      readonly items: readonly ObjectView[];
      readonly omitted: number;
    }
  | {
      readonly kind: 'mapping';
      readonly type: 'dict';
      readonly entries: readonly { readonly key: ObjectView; readonly value: ObjectView }[];
      readonly omitted: number;
    }
  | {
      readonly kind: 'range';
      readonly type: 'range' | 'xrange';
      readonly start: ObjectView;
      readonly stop: ObjectView;
      readonly step: ObjectView;
    }
  | {
      readonly kind: 'slice';
      readonly start: ObjectView;
      readonly stop: ObjectView;
      readonly step: ObjectView;
    }
  /** What a closure or a class cell holds; `undefined` when the cell is empty. */
  | { readonly kind: 'cell'; readonly content: ObjectView | undefined }
  | {
      readonly kind: 'enum-member';
      readonly typeName: string;
      readonly memberName: string;
      readonly value: ObjectView;
    }
  | { readonly kind: 'exception'; readonly typeName: string; readonly args: ObjectView }
  /** A named tuple, or an instance of a subclass of a built-in container, string or number: what it is over, and its own short name. */
  | {
      readonly kind: 'subclass';
      readonly typeName: string;
      readonly base: ObjectView;
      readonly fieldNames?: readonly string[];
    }
  /** `method` is a Python function bound to its object, `builtin` a function made in C. */
  | {
      readonly kind: 'class' | 'module' | 'function' | 'code' | 'method' | 'builtin';
      readonly name: string;
      readonly address: Address;
    }
  /** What a class keeps to compute an attribute, with the name of the function that does; it was not asked. */
  | {
      readonly kind: 'descriptor';
      readonly type: 'property' | 'classmethod' | 'staticmethod' | 'member' | 'getset';
      readonly name: string | undefined;
      readonly address: Address;
    }
  /** An array of numpy, or a tensor of torch, which has a device: the first of its values in C order. */
  | {
      readonly kind: 'array';
      readonly typeName: string;
      readonly address: Address;
      readonly dtype: string;
      readonly device?: string | undefined;
      readonly shape: readonly number[];
      readonly items: readonly ObjectView[];
      readonly omitted: number;
    }
  | {
      readonly kind: 'instance';
      /** As its repr shows it: with the module (`package.Thing`), for a dataclass without. */
      readonly typeName: string;
      readonly address: Address;
      /** Set for dataclasses: their repr shows the fields like arguments. */
      readonly isDataclass: boolean;
      readonly attributes: readonly { readonly name: string; readonly value: ObjectView }[];
      readonly omitted: number;
    }
  /** A date, a decimal and the like, as its `__repr__` says it, which is made in C; only the agent shows these. */
  | { readonly kind: 'literal'; readonly typeName: string; readonly text: string }
  /** An object whose contents we do not know how to show. */
  | { readonly kind: 'opaque'; readonly typeName: string; readonly address: Address }
  /** The same object is an ancestor of this place. */
  | { readonly kind: 'cycle'; readonly typeName: string; readonly address: Address }
  /** The budget of the read was spent before this object. */
  | { readonly kind: 'omitted'; readonly typeName: string; readonly address: Address }
  /** Memory that is not an object, or not the object that its header says. */
  | {
      readonly kind: 'invalid';
      readonly address: Address;
      readonly typeName: string | undefined;
      readonly reason: string;
    };

/** A name of a frame and what it is bound to. */
export interface Variable {
  readonly name: string;
  /** `positional`, `keyword-only`, `var-positional` (`*args`) and `var-keyword` (`**kwargs`) are arguments. */
  readonly role: 'positional' | 'keyword-only' | 'var-positional' | 'var-keyword' | 'local' | 'closure';
  readonly value: ObjectView;
}
