import { type Address, toAddress } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { ObjectView } from '../../model/object-view.ts';
import { DEEPEST_VIEW, type ViewBudget } from './view-budget.ts';
import type { FoundObject, PartViews, ViewContext, ViewSource } from './viewer.ts';
import { viewerOf } from './viewers.ts';

/** Builds the tree of an object; everything that could not be read is a node of it. */
export function buildView(reader: ViewSource, address: Address, budget: ViewBudget): ObjectView {
  return new ViewBuilder(reader, budget).part(address);
}

class ViewBuilder implements ViewContext {
  readonly reader: ViewSource;
  readonly budget: ViewBudget;
  readonly #path = new Set<Address>();
  readonly #maxDepth: number;
  #objectsLeft: number;

  constructor(reader: ViewSource, budget: ViewBudget) {
    this.reader = reader;
    this.budget = budget;
    this.#maxDepth = Math.min(budget.maxDepth, DEEPEST_VIEW);
    this.#objectsLeft = budget.maxObjects;
  }

  part(address: Address | undefined): ObjectView {
    if (address === undefined)
      return { kind: 'invalid', address: toAddress(0), typeName: undefined, reason: 'the pointer is NULL' };
    return this.#contained(address, undefined, () => {
      const type = this.reader.typeOf(address);
      return this.#contained(address, type.fullName, () => this.#view({ address, type }));
    });
  }

  parts(addresses: readonly (Address | undefined)[]): PartViews {
    const views: ObjectView[] = [];
    for (const address of addresses) {
      if (this.#objectsLeft <= 0) break;
      views.push(this.part(address));
    }
    return { views, omitted: addresses.length - views.length };
  }

  #view(object: FoundObject): ObjectView {
    const { address, type } = object;
    const typeName = type.fullName;
    const viewer = viewerOf(object, this.reader);
    if (viewer.isComposite && this.#path.has(address)) return { kind: 'cycle', typeName, address };
    const isTooDeep = viewer.isComposite && this.#path.size >= this.#maxDepth;
    if (isTooDeep || this.#objectsLeft <= 0) return { kind: 'omitted', typeName, address };
    this.#objectsLeft -= 1;
    if (!viewer.isComposite) return viewer.view(object, this);
    this.#path.add(address);
    try {
      return viewer.view(object, this);
    } finally {
      this.#path.delete(address);
    }
  }

  #contained(address: Address, typeName: string | undefined, view: () => ObjectView): ObjectView {
    try {
      return view();
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      return { kind: 'invalid', address, typeName, reason: error.message };
    }
  }
}
