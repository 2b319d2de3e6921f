import { expect, test } from 'vitest';
import type { Frame } from '../../src/model/frame.ts';
import { formatObject } from '../../src/report/object-text.ts';
import type { TrueVariable } from '../support/ground-truth.ts';
import type { Interpreter } from '../support/interpreters.ts';
import { describeInterpreters, describeScene, isSince, type Scene } from '../support/matrix.ts';

const WHOLE_TEXT = 1_000_000;
/** So many items of a container does a snapshot read. */
const MOST_ITEMS = 100;

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'locals.py' }, (scene) => {
    test('snapshot() tells arguments, locals and closure of every frame, by role and as declared', async () => {
      const told = trueStack(scene()).map(({ variables }) => variables.map(({ name, role }) => [name, role]));
      const seen = (await seenStack(scene())).map((frame) =>
        (frame.variables ?? []).map(({ name, role }) => [name, role]),
      );
      expect(seen).toEqual(told);
    });

    test('formatObject() writes each variable as its repr does, or by a rule of its own', async () => {
      const attributes: Attributes = JSON.parse(JSON.stringify(scene().truth.facts['attributes']));
      const told = trueStack(scene()).map(({ name, variables }) => [
        name,
        variables.map((variable) => [variable.name, expectedText(variable, attributes, interpreter)]),
      ]);
      const seen = (await seenStack(scene())).map(({ name, variables }) => [
        name,
        (variables ?? []).map((variable) => [variable.name, formatObject(variable.value, WHOLE_TEXT)]),
      ]);
      expect(seen).toEqual(told);
    });

    test('formatObject() of every variable keeps to a budget of 80 characters, but for its marks', async () => {
      const variables = (await seenStack(scene())).flatMap((frame) => frame.variables ?? []);
      for (const { name, value } of variables) {
        expect([name, formatObject(value, 80).length]).toEqual([
          name,
          expect.toSatisfy((size) => size < 160),
        ]);
      }
    });

    test('snapshot() while the process runs tells the same variables', async () => {
      const paused = await seenStack(scene());
      const running = (await scene().snapshot({ locals: true, pause: false })).threads[0]?.frames;
      expect(running?.map(({ variables }) => variables)).toEqual(paused.map(({ variables }) => variables));
    });
  });
});

/** The attributes of instances, by the name of the variable and their own: their reprs. */
type Attributes = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface TrueStackFrame {
  readonly name: string;
  readonly variables: readonly Bound[];
}

/** A variable that is bound, as those that are not are left out. */
type Bound = TrueVariable & { readonly repr: string; readonly type: string; readonly address: number };

function trueStack({ truth }: Scene): readonly TrueStackFrame[] {
  const [main] = truth.threads;
  return (main?.frames ?? []).map(({ name, variables = [] }) => ({
    name,
    variables: variables.filter(isBound),
  }));
}

function isBound(variable: TrueVariable): variable is Bound {
  return variable.repr !== undefined;
}

async function seenStack(scene: Scene): Promise<readonly Frame[]> {
  const { threads } = await scene.snapshot({ locals: true });
  return threads[0]?.frames ?? [];
}

/** Subclasses that have no repr of their own, and so show that of their base. */
const BARE_SUBCLASSES = ['TextSubclass', 'NumberSubclass', 'ListSubclass', 'DictSubclass'];

/** What we write where Python's repr is not it: it tells less, runs code of the target, or is of another version. */
function expectedText(variable: Bound, attributes: Attributes, interpreter: Interpreter): string {
  const { name, type, repr, address } = variable;
  const at = `at 0x${address.toString(16)}`;
  // The default repr tells no attributes: `<__main__.Plain object at 0x7f…>`.
  const known = attributes[name];
  if (known !== undefined && repr.endsWith(` object ${at}>`)) {
    // Slots come in the order of their names here, the entries of a `__dict__` in its own order.
    const entries = type === 'Slotted' ? Object.entries(known).sort() : Object.entries(known);
    const fields = entries.map(([attribute, value]) => `${attribute}=${value}`);
    return repr.replace(` object ${at}>`, ` ${at} ${fields.join(', ')}>`);
  }
  if (BARE_SUBCLASSES.includes(type)) return `${type}(${repr})`;
  switch (type) {
    case 'module':
      return repr.replace(/ \(.*\)>$/, '>');
    case 'partial':
      return `<functools.partial object ${at}>`;
    case 'defaultdict':
      return repr.replace(/<(class|type) 'list'>, /, '');
    case 'OrderedDict':
      return interpreter.family === '2.7' ? "OrderedDict({'a': 2, 'z': 1})" : "OrderedDict({'z': 1, 'a': 2})";
    case 'Access':
      // A combination of flags is no member: to 3.10 it has no name.
      return isSince(interpreter, '3.11') ? repr : `<locals_python3.Access ${at} _name_=None, _value_=3>`;
    case 'KeyError':
    case 'ValueError':
      return repr.replace(/,\)$/, ')');
    default:
      return shortened(interpreter.family === '2.7' ? inPython3(type, repr, at) : repr);
  }
}

/** Sets are written as in Python 3; Python 2's deque is not looked into. */
function inPython3(type: string, repr: string, at: string): string {
  if (type === 'deque') return `<collections.deque object ${at}>`;
  if (repr === 'set([])') return 'set()';
  if (type === 'set') return repr.replace(/^set\(\[(.*)\]\)$/, '{$1}');
  return type === 'frozenset' ? repr.replace(/^frozenset\(\[(.*)\]\)$/, 'frozenset({$1})') : repr;
}

/** The numbers from 0 on in a list, or as keys of a dict. */
function shortened(repr: string): string {
  const items = repr.split(', ');
  if (!/^[[{]0/.test(repr) || items.length <= MOST_ITEMS) return repr;
  const rest = `…(+${items.length - MOST_ITEMS} more)`;
  return `${[...items.slice(0, MOST_ITEMS), rest].join(', ')}${repr.slice(-1)}`;
}
