import type { Address } from '../base/address.ts';
import { BadArgumentError } from '../base/errors.ts';
import type { ViewBudget } from '../cpython/objects/view-budget.ts';
import type { GlobalValue } from '../model/global-value.ts';
import { budgetOf, type ValueExtent } from '../model/value-extent.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { Target } from '../target/target.ts';
import { findLoadedModule, findNamed } from './named-objects.ts';
import { askOfOneMoment, forget } from './one-moment.ts';

/** Which value is wanted, and how much of it. */
export interface GlobalOptions extends ValueExtent {
  /** As `import` names it. */
  readonly module: string;
  /** Names that lead to it: a global, or a class and what it has, or attributes of attributes. */
  readonly path: readonly string[];
  /** Stop the target's threads while its memory is copied (the default). */
  readonly pause?: boolean;
}

/**
 * Reads what a global of a module, or an attribute of a class or object in it, is bound to. No code of the target runs.
 * @throws {NoSuchNameError} when the module is not loaded, or has no such name
 */
export function takeGlobal(target: LiveTarget, options: GlobalOptions): GlobalValue {
  const question = () => readGlobal(target, options);
  if (options.pause !== false) {
    const { answer, pauseNs } = askOfOneMoment(target, question);
    return { ...answer, pauseNs };
  }
  forget(target);
  return question();
}

/** The same of a process that is gone, from its core file. */
export function takeCoreGlobal(target: Target, options: Omit<GlobalOptions, 'pause'>): GlobalValue {
  return readGlobal(target, options);
}

function readGlobal(target: Target, { module: name, path, ...extent }: GlobalOptions): GlobalValue {
  if (path.length === 0) throw new BadArgumentError(`Cannot show a global of ${name}: name one`);
  const { objects } = target;
  const takenAt = target.now().toISOString();
  const module = findLoadedModule(target, name);
  const { object, foundIn } = findNamed(objects, module, path);
  const budget: ViewBudget = budgetOf(extent);
  return {
    process: target.facts,
    takenAt,
    pauseNs: undefined,
    interpreterId: module.interpreterId,
    module: name,
    path,
    foundIn: foundIn === undefined ? undefined : classNameOf(target, foundIn),
    typeName: objects.typeNameOf(object),
    address: object,
    value: objects.view(object, budget),
    problems: [],
  };
}

function classNameOf({ objects }: Target, type: Address): string {
  const view = objects.view(type);
  return 'name' in view ? `${view.name}` : '';
}
