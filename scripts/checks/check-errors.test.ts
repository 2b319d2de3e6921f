import { describe, expect, test } from 'vitest';
import { checkErrors } from './check-errors.ts';

const CLASSES = {
  path: 'src/base/errors.ts',
  text: `
    export abstract class InspectorError extends Error {}
    export class BadArgumentError extends InspectorError { readonly code = 'bad-argument'; }
    export class BadPidError extends BadArgumentError {}
    export class NoSuchProcessError extends InspectorError {
      constructor(pid: number) { super(\`Cannot inspect process \${pid}: no such process\`); }
    }
    export class WrappedError extends InspectorError {
      constructor(message: string, options?: ErrorOptions) { super(message, options); }
    }
    export class FfiError extends InspectorError {
      constructor(what: string) { super(\`Cannot \${what}: koffi is not installed\`); }
    }`,
};
const PLAIN = 'an error is a subclass of InspectorError, never a plain Error';
const FORM = 'a message reads "Cannot <verb> <object>: <state>", without a full stop';

const rulesFor = (text: string, path = 'src/cli/a.ts') =>
  checkErrors([CLASSES, { path, text }]).map(({ rule }) => rule);

describe('checkErrors()', () => {
  test.each([
    ["throw new Error('x');", PLAIN],
    ["reject(new Error('x'));", PLAIN],
    ["throw Error('x');", PLAIN],
    ['throw new SyntaxError();', 'thrown is an InspectorError, a RangeError or a TypeError, not SyntaxError'],
    ["throw 'x';", 'thrown is an InspectorError, a RangeError or a TypeError, not a text'],
    ['throw { code: 1 };', 'thrown is an InspectorError, a RangeError or a TypeError, not an object literal'],
    [
      'throw a ? new NoSuchProcessError(1) : new EvalError();',
      'thrown is an InspectorError, a RangeError or a TypeError, not EvalError',
    ],
  ])('refuses %s', (text, rule) => {
    expect(rulesFor(text)).toEqual([rule]);
  });

  test.each([
    'throw new NoSuchProcessError(1);',
    'throw new errors.NoSuchProcessError(1);',
    "throw new RangeError('our bug');",
    'try { f(); } catch (error) { throw error; }',
    "throw cursor.fail('cut off');",
    "throw found ?? new TypeError('x');",
  ])('takes %s', (text) => {
    expect(rulesFor(text)).toEqual([]);
  });

  test.each(['BadArgumentError', 'BadPidError', 'WrappedError'])(
    'reads the message that %s is given, which makes none of its own',
    (name) => {
      expect(rulesFor(`throw new ${name}('Wrong pid');`)).toEqual([FORM]);
      expect(rulesFor(`throw new ${name}('Cannot read "x" as a pid: not a number');`)).toEqual([]);
    },
  );

  test.each([
    ["'cannot read x: gone'"],
    ["'Cannot read x'"],
    ["'Cannot read x: gone.'"],
    ["'Cannot : gone'"],
    ["'Cannot read x: '"],
    [`\`Cannot read \${name}\``],
    ["a ? 'Cannot read x: gone' : 'No'"],
    ["'Cannot read ' + name"],
  ])('refuses the message %s', (message) => {
    expect(rulesFor(`throw new BadArgumentError(${message});`)).toEqual([FORM]);
  });

  test.each([
    ["'Cannot read ' + name + ': gone'"],
    [`\`Cannot read \${name}: gone\``],
    [`\`Cannot \${what}: gone\``],
    ["a ? 'Cannot read x: gone' : 'Cannot read x: torn'"],
    ['sentence'],
  ])('takes the message %s', (message) => {
    expect(rulesFor(`throw new BadArgumentError(${message});`)).toEqual([]);
  });

  test('reads the message that a class makes for itself', () => {
    const text = "class X extends InspectorError { constructor() { super('Something failed.'); } }";
    expect(checkErrors([CLASSES, { path: 'src/base/more.ts', text }])).toEqual([
      { file: 'src/base/more.ts', line: 1, rule: FORM },
    ]);
  });

  test('leaves tests alone', () => {
    expect(rulesFor("throw new Error('x');", 'src/cli/a.test.ts')).toEqual([]);
  });
});
