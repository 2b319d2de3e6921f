import { BadArgumentError } from '../../base/errors.ts';
import { globalLines } from '../../report/value-layout.ts';
import { askExpression, EVALUATION_OPTIONS, needsAgent } from '../agent/agent-question.ts';
import { defineCommand } from '../command.ts';
import { jsonOption } from '../json-output.ts';
import { askMemory, MEMORY_OPTIONS, notePause, noteProblems } from '../memory/memory-question.ts';
import { EXPAND_OPTION, extentOf, noteDescriptor, outValues, treeMannerOf } from '../value-options.ts';

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

  async run({ words, mod, cls, var: name, ...wishes }, context) {
    const place = globalOf(words, { mod, cls, name });
    if (needsAgent(wishes)) {
      const subject = { command: 'getglobal', ...place, name: 'target' } as const;
      await askExpression(subject, wishes, context, (agent, wish) => agent.evaluate(wish));
      return 'complete';
    }
    const { expand, json } = wishes;
    const found = await askMemory(wishes, context, (inspection, pause) =>
      inspection.global({ ...place, ...extentOf(expand, context), ...pause }),
    );
    const toJson = async () => (await import('../../report/values-json.ts')).globalToJson(found);
    const toLines = () => globalLines(found, treeMannerOf(expand, context));
    await outValues({ command: 'getglobal', ...found, json, toJson, toLines }, context);
    if (json === undefined) noteDescriptor(found.value, context);
    notePause(found.pauseNs, context);
    return noteProblems(found.problems, context);
  },
});

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
