import type { ObjectView } from './object-view.ts';

/** What came of putting the code of a file into the function that a process uses, or of taking that back. */
export interface ReloadReport {
  /** `shop.cart.Cart.add` */
  readonly label: string;
  /** Where it is written, when that is not what was named: `shop.base.Base.add`. */
  readonly definedAs: string | undefined;
  /** What has loaded its module, when that was not Python's own way: it may compile source in a way of its own. */
  readonly loader: string | undefined;
  /** As the process sees it. */
  readonly file: string;
  readonly line: number;
  /** `undefined` of what was taken back: only its code was kept. */
  readonly endLine: number | undefined;
  /** `moved`: only its lines are others. */
  readonly verdict: 'changed' | 'moved' | 'unchanged' | 'undone';
  /** Something was changed in the process. */
  readonly isApplied: boolean;
  /** The source that is in force afterwards; `undefined` when nobody has kept it. */
  readonly source: string | undefined;
  /** The one before. */
  readonly oldSource: string | undefined;
  /** How the codes differ, as far as names and constants tell. */
  readonly differences: readonly CodeDifference[];
  readonly values: readonly DefinitionValue[];
  /** As its file has them; they are not applied again. */
  readonly decorators: readonly string[];
  /** `undefined` when the old source is not known. */
  readonly areDecoratorsChanged: boolean | undefined;
  readonly kind: FunctionKind;
  readonly oldKind: FunctionKind;
  /** How many function objects have it: several where it was made several times. */
  readonly functions: number;
  readonly inner: readonly InnerFunctions[];
  /** Threads that are in its old code, and go on with that until they return. */
  readonly runningThreads: number;
  /** How often `undo` could take something back now. */
  readonly undoable: number;
  /** For so long the file was compiled, while no other thread of the process ran. */
  readonly compileSeconds: number;
}

/** What a call of a function gives. */
export type FunctionKind = 'function' | 'generator' | 'coroutine' | 'async-generator';

/** What one code has and another has not. */
export interface CodeDifference {
  readonly what: 'arguments' | 'names' | 'variables' | 'constants' | 'inner';
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** A default or an annotation that is not simply as it was. */
export interface DefinitionValue {
  readonly kind: 'default' | 'annotation';
  /** Of the argument, or `return`; empty for all of them, which Python computes when they are asked for. */
  readonly name: string;
  /** `kept`: whether its source has changed cannot be told, and what it was is kept. */
  readonly action: 'computed' | 'kept' | 'removed';
  readonly before: ObjectView | undefined;
  readonly after: ObjectView | undefined;
}

/** Functions that the function had made within itself, and that are still there. */
export interface InnerFunctions {
  readonly name: string;
  /** How many of them have their new code. */
  readonly functions: number;
  /** How many keep the old one, since the new one needs what they were not made with. */
  readonly left: number;
}
