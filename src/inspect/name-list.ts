import { isAboutMemory, NoSuchNameError } from '../base/errors.ts';
import { isClass } from '../cpython/objects/subtypes.ts';
import type { NameEntry } from '../model/name-entry.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { findLoadedModule, findNamed, namesIn } from './named-objects.ts';
import { forget } from './one-moment.ts';

/** Whose names are wanted: those of a module, or of what names lead to from there. */
export interface NameOptions {
  /** As `import` names it. */
  readonly module: string;
  readonly path?: readonly string[];
}

/**
 * Reads the names that a module, a class or an object has, while the target runs: to complete what somebody types.
 * @throws {NoSuchNameError} when the module is not loaded, or has no such name
 */
export function takeNames(
  target: LiveTarget,
  { module: name, path = [] }: NameOptions,
): readonly NameEntry[] {
  const { objects } = target;
  forget(target);
  const module = findLoadedModule(target, name);
  const { object } = findNamed(objects, module, path);
  return namesIn(objects, object).map((each) => ({ name: each, isClass: isClassThere(each) }));

  function isClassThere(each: string): boolean {
    try {
      return isClass(objects, findNamed(objects, { ...module, object }, [each]).object);
    } catch (error) {
      // It has gone meanwhile.
      if (error instanceof NoSuchNameError || isAboutMemory(error)) return false;
      throw error;
    }
  }
}
