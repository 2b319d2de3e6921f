import { BadArgumentError } from '../../base/errors.ts';
import { globalLines } from '../../report/value-layout.ts';
import { globalToJson } from '../../report/values-json.ts';
import {
  askAgent,
  EVALUATION_OPTIONS,
  type EvaluationWishes,
  needsAgent,
  outEvaluation,
  renderBudget,
  shownOutput,
} from '../agent-question.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { jsonOption } from '../json-output.ts';
import {
  askMemory,
  MEMORY_OPTIONS,
  notePause,
  noteProblems,
  outDocument,
  outLines,
} from '../memory-question.ts';
import { depthOf, EXPAND_OPTION, noteDescriptor, noteIfCut, treeMannerOf } from '../value-options.ts';

/** `pyflight getglobal <pid> module [class] field`: what a name of a module is bound to. */
export const getglobal = defineCommand({
  name: 'getglobal',
  summary: 'Print a global variable, or an attribute of a class',
  level: 'L1',
  raised: { by: '-e or -r', level: 'L2' },
  arguments: {
    target: { kind: 'target', help: 'Process to look into' },
    words: {
      kind: 'rest',
      help: 'Module, class if it is one of a class, and name; or module:Class.name',
      completes: ['module', 'name', 'name'],
    },
  },
  options: {
    mod: {
      kind: 'text',
      valueName: 'module',
      help: 'Module, in place of the first word',
      completes: 'module',
    },
    cls: { kind: 'text', valueName: 'class', help: 'Class, which may be Outer.Inner' },
    var: {
      kind: 'text',
      valueName: 'name',
      help: 'Name, in place of the last word; may be of an attribute, cart.tags',
    },
    expand: { ...EXPAND_OPTION, whenAbsent: 2 },
    ...EVALUATION_OPTIONS,
    ...MEMORY_OPTIONS,
    json: jsonOption('global'),
  },
  examples: [
    ['getglobal 4242 shop.cart carts', 'a global of a module'],
    ['getglobal 4242 shop.cart Cart total', 'an attribute of a class, its own or inherited'],
    ['getglobal 4242 shop.cart:Cart.Line.count', 'the same as it is pasted, of a nested class'],
    ['getglobal 4242 __main__ carts -x -1 -v', 'everything in it'],
    ['getglobal 4242 shop.cart carts -e "len(target)"', 'what Python in the process makes of it'],
    ['getglobal --core core.4242 shop.cart carts', 'of a process that is gone'],
  ],

  async run({ words, mod, cls, var: name, expr, raw, how, timeout, expand, json, ...wishes }, context) {
    const place = globalOf(words, { mod, cls, name });
    if (needsAgent({ expr, raw }))
      return await evaluate(place, { target: wishes.target, expr, raw, how, timeout, expand, json }, context);
    const extent = { depth: depthOf(expand), whole: context.verbosity > 0 };
    const found = await askMemory(wishes, context, (inspection, pause) =>
      inspection.global({ ...place, ...extent, ...pause }),
    );
    if (json !== undefined)
      outDocument('getglobal', found, { document: globalToJson(found), mode: json }, context);
    else {
      const { lines, isCut } = globalLines(found, treeMannerOf(expand, context));
      outLines(lines, context);
      noteIfCut(isCut, context);
      noteDescriptor(found.value, context);
    }
    notePause(found.pauseNs, context);
    return noteProblems(found.problems, context);
  },
});

/** Level L2: Python code runs in the process. */
async function evaluate(
  { module, path }: { readonly module: string; readonly path: readonly string[] },
  wishes: EvaluationWishes,
  context: Context,
): Promise<Outcome> {
  const { expr, raw, expand, json } = wishes;
  using output = shownOutput(json, context);
  const evaluation = await askAgent(wishes, context, (agent, signal) =>
    agent.evaluate({
      module,
      path: path.join('.'),
      expression: expr,
      repr: raw,
      budget: renderBudget(expand, context),
      signal,
      onOutput: output.onOutput,
    }),
  );
  const evaluated = { module, path, expression: expr ?? 'target' };
  return outEvaluation('getglobal', wishes, { evaluated, evaluation }, context);
}

interface NamedWords {
  readonly mod: string | undefined;
  readonly cls: string | undefined;
  readonly name: string | undefined;
}

/** Those that were named by options are the last ones of module, class and name; the words are the others. */
function globalOf(
  words: readonly string[],
  { mod, cls, name }: NamedWords,
): {
  readonly module: string;
  readonly path: readonly string[];
} {
  const left = [...words];
  const pasted = mod ?? left.shift() ?? '';
  const [module = '', ...more] = pasted.split(':');
  const fields = [...(cls === undefined ? [] : [cls]), ...(name === undefined ? [] : [name])];
  const path = [...more, ...left, ...fields].flatMap((word) => word.split('.'));
  const count = left.length + fields.length + more.length;
  if (module === '' || count === 0 || count > 2 || path.includes(''))
    throw new BadArgumentError(
      `Cannot tell what to show of ${[module, ...left].join(' ') || 'nothing'}: name a module, perhaps a class, and a name`,
    );
  return { module, path };
}
