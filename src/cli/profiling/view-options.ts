import type { ProfileView } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import type { OptionSpecs } from '../command.ts';

/** The options about what of a profile is shown. */
export const VIEW_OPTIONS = {
  function: { kind: 'flag', short: 'F', help: 'Functions in the place of lines' },
  threads: { kind: 'flag', short: 't', help: 'Each thread apart' },
  merge: { kind: 'flag', help: 'Several processes together, without a frame for each below its stacks' },
  include: {
    kind: 'text',
    valueName: 'patterns',
    help: 'Only stacks with `module:shop.*`, `file:*.py` or `function:load`; several with commas between them',
  },
  exclude: { kind: 'text', valueName: 'patterns', help: 'Leave such frames out of the stacks' },
  fullFilenames: {
    kind: 'flag',
    help: 'Whole names of files, not shortened to what follows an entry of sys.path',
  },
  baseline: {
    kind: 'text',
    valueName: 'file',
    completes: 'file',
    help: 'Show what is different from this `.pyflight` file (svg, html)',
  },
} as const satisfies OptionSpecs;

/** What was typed of {@link VIEW_OPTIONS}. */
export interface ViewWords {
  readonly function: boolean;
  readonly threads: boolean;
  readonly merge: boolean;
  readonly include: string | undefined;
  readonly exclude: string | undefined;
  readonly fullFilenames: boolean;
}

/** What the command line says about the view of a profile. */
export function profileViewOf(words: ViewWords): ProfileView {
  return {
    byFunction: words.function,
    byThread: words.threads,
    ...(words.merge ? { byProcess: false } : {}),
    ...frameFilterOf(words),
    ...(words.fullFilenames ? { wholeFileNames: true } : {}),
  };
}

/** Which frames and stacks it wants. */
export function frameFilterOf({
  include,
  exclude,
}: Pick<ViewWords, 'include' | 'exclude'>): Required<Pick<ProfileView, 'include' | 'exclude'>> {
  return { include: patternsOf(include), exclude: patternsOf(exclude) };
}

function patternsOf(given: string | undefined): readonly string[] {
  if (given === undefined) return [];
  const patterns = given.split(',').map((pattern) => pattern.trim());
  if (patterns.includes(''))
    throw new BadArgumentError(`Cannot use ${given} as patterns: one of them is empty`);
  // `std::sort` of C++ has no kind before it.
  const unknown = patterns.find((pattern) => /^(?!module:|file:|function:)\w+:(?!:)/u.test(pattern));
  if (unknown === undefined) return patterns;
  throw new BadArgumentError(
    `Cannot use ${unknown} as a pattern: it may begin with module:, file: or function:`,
  );
}
