import type { Address } from '../../base/address.ts';
import type { ObjectView } from '../../model/object-view.ts';
import type { ClassTraits } from './class-traits.ts';
import type { TypeFacts } from './type-table.ts';
import type { TypedObjects } from './typed-objects.ts';
import type { ViewBudget } from './view-budget.ts';

/** What viewers read with. */
export interface ViewSource extends TypedObjects {
  readonly traits: ClassTraits;
}

/** An object whose header made sense. */
export interface FoundObject {
  readonly address: Address;
  readonly type: TypeFacts;
}

/** What a viewer may ask for while it shows one object: the reader, the budget, and its parts as views. */
export interface ViewContext {
  readonly reader: ViewSource;
  readonly budget: ViewBudget;
  /** Shows a part; `undefined` stands for a NULL where an object must be. */
  part(address: Address | undefined): ObjectView;
  /** Shows parts until the budget of objects is spent; counts those left out. */
  parts(addresses: readonly (Address | undefined)[]): PartViews;
}

/** The parts that were shown, and how many were not. */
export interface PartViews {
  readonly views: readonly ObjectView[];
  readonly omitted: number;
}

/** Shows the contents of one kind of object. */
export interface Viewer {
  readonly view: (object: FoundObject, context: ViewContext) => ObjectView;
  /** Has parts: counts as a level of depth, and can be met again on its own path. */
  readonly isComposite: boolean;
}
