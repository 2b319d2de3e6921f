import type { FunctionWish } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import type { ArgumentSpecs, OptionSpecs } from '../command.ts';

/** The arguments of a command about the calls of a function. */
export const FUNCTION_ARGUMENTS = {
  pid: { kind: 'pid', help: 'Process to look into' },
  words: {
    kind: 'rest',
    help: 'Module, class if it is a method, and function; or module:Class.method, file.py:method, file.py:51',
    completes: ['module', 'name', 'name'],
  },
} as const satisfies ArgumentSpecs;

/** The options that name a function in other ways, or another one than is found first. */
export const FUNCTION_OPTIONS = {
  mod: {
    kind: 'text',
    valueName: 'module',
    help: 'Module, in place of the first word',
    completes: 'module',
    also: ['--pkg'],
  },
  cls: { kind: 'text', valueName: 'class', help: 'Class, which may be Outer.Inner' },
  func: { kind: 'text', valueName: 'function', help: 'Function, in place of the last word' },
  nestedMethod: {
    kind: 'text',
    valueName: 'name',
    help: 'Function within it; outer.inner for one deeper',
    also: ['-nm'],
  },
  wrapped: { kind: 'flag', help: 'Of a decorated function the one that the decorators were put around' },
  anyClass: {
    kind: 'flag',
    help: 'Of an inherited method all calls, not only those through the class that was named',
  },
} as const satisfies OptionSpecs;

/** What was typed of {@link FUNCTION_ARGUMENTS} and {@link FUNCTION_OPTIONS}. */
export interface FunctionWords {
  readonly words: readonly string[];
  readonly mod: string | undefined;
  readonly cls: string | undefined;
  readonly func: string | undefined;
  readonly nestedMethod: string | undefined;
  readonly wrapped: boolean;
  readonly anyClass: boolean;
}

/** The function that a command line names. Words that options name are the last of module, class and function. */
export function functionWishOf(typed: FunctionWords): FunctionWish {
  const { mod, cls, func, nestedMethod, wrapped, anyClass } = typed;
  const words = [mod, ...typed.words, cls, func].filter((word) => word !== undefined);
  if (words.length === 0 || words.length > 3)
    throw new BadArgumentError(
      `Cannot tell which function ${words.join(' ') || 'is meant'}: name a module, perhaps a class, and a function`,
    );
  return { words, nested: nestedMethod?.split('.') ?? [], wrapped, anyClass };
}
