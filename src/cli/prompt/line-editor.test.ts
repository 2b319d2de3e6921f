import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type LineAnswer, LineEditor, type LineWish } from './line-editor.ts';

/** A terminal of a test, and what was done to it. */
function fakeTerminal() {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns: 40 });
  let shown = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  const done: string[] = [];
  const terminal = {
    input,
    output,
    size: () => ({ columns: 40, rows: 24 }),
    takeKeys: () => done.push('take'),
    takeScreen: () => done.push('take screen'),
    giveBack: () => done.push('give back'),
    suspend: () => done.push('suspend'),
  };
  return { terminal, input, done, shown: () => shown };
}

const HISTORY = ['stack', 'locks', 'stack --thread main'];

/** Types keys at one prompt after the other, and answers what came of each. */
async function type(keys: string, lines = 1, wish: Partial<LineWish> = {}) {
  const fake = fakeTerminal();
  using editor = new LineEditor(fake.terminal);
  const answers: LineAnswer[] = [];
  const first = editor.read({ prompt: '> ', history: HISTORY, ...wish });
  fake.input.write(keys);
  answers.push(await first);
  while (answers.length < lines) answers.push(await editor.read({ prompt: '> ', history: HISTORY, ...wish }));
  return { answers, done: fake.done, shown: fake.shown() };
}

const line = (text: string): LineAnswer => ({ kind: 'line', text });

test.each([
  ['what is typed', 'stack\r', 'stack'],
  ['Emacs keys', 'tack\u0001s\u0005 -x\u0017y\u0002\u0002\u000b\u0019\r', 'stack -y'],
  ['non-ASCII and wide characters', 'é数😀\u007f据\r', 'é数据'],
  ['the line before', '\u001b[A\r', 'stack --thread main'],
  ['a line with the same beginning', 'lo\u001b[A\r', 'locks'],
  ['what Ctrl-R finds', '\u0012sta\r', 'stack --thread main'],
  ['what Ctrl-R finds further back', '\u0012sta\u0012\r', 'stack'],
  ['what Ctrl-R finds, edited', '\u0012loc\u0001x\r', 'xlocks'],
  ['the line before a search that was given up', 'mine\u0012sta\u0007!\r', 'mine!'],
  [
    'a tab and control characters in a paste as blanks and nothing',
    '\u001b[200~a\tb\u0003\u0012\u001b[201~c\r',
    'a bc',
  ],
])('LineEditor.read() answers %s', async (_, keys, text) => {
  expect((await type(keys)).answers).toEqual([line(text)]);
});

test('LineEditor.read() answers each line that came at once, in its turn', async () => {
  const { answers, done } = await type('one\rtwo\r', 2);
  expect(answers).toEqual([line('one'), line('two')]);
  expect(done).toEqual(['take', 'give back', 'take', 'give back']);
});

test('LineEditor.read() leaves the last part of a paste to be edited', async () => {
  const { answers } = await type('\u001b[200~one\rtw\u001b[201~o!\r', 2);
  expect(answers).toEqual([line('one'), line('two!')]);
});

test.each([
  ['Ctrl-C in a line', 'abc\u0003', { kind: 'interrupt', wasEmpty: false }],
  ['Ctrl-C without one', '\u0003', { kind: 'interrupt', wasEmpty: true }],
  ['Ctrl-D without one', '\u0004', { kind: 'end' }],
  ['Ctrl-D in a line, which deletes', 'abc\u0001\u0004\r', line('bc')],
] as const)('LineEditor.read() answers %s', async (_, keys, answer) => {
  expect((await type(keys)).answers).toEqual([answer]);
});

test('LineEditor.read() suspends at Ctrl-Z and keeps the line', async () => {
  const { answers, done } = await type('ab\u001ac\r');
  expect([answers, done]).toEqual([[line('abc')], ['take', 'suspend', 'give back']]);
});

test('LineEditor.read() completes at Tab, with the keys after it in their place', async () => {
  const complete = async (typed: string) => [['locals ', typed], typed] as const;
  const { answers } = await type('loc\tx\r', 1, {
    complete: async (typed) => [(await complete(typed))[0].slice(0, 1), typed],
  });
  expect(answers).toEqual([line('locals x')]);
});

test('LineEditor.read() lists completions at the second Tab', async () => {
  const { shown } = await type('w\t\t\u0004\u0015\u0004', 1, {
    complete: async (typed) => [['worker-1', 'worker-2'], typed],
  });
  expect(shown).toContain('worker-1  worker-2');
});

test('LineEditor.lendTerminal() leaves the keys to the borrower until the terminal is back', async () => {
  const { terminal, input } = fakeTerminal();
  using editor = new LineEditor(terminal);
  const lent = editor.lendTerminal();
  input.emit('data', 'q');
  lent[Symbol.dispose]();
  const answer = editor.read({ prompt: '> ', history: [] });
  input.write('stack\r');
  expect(await answer).toEqual(line('stack'));
});

test('LineEditor.read() ends with its input', async () => {
  const { terminal, input } = fakeTerminal();
  using editor = new LineEditor(terminal);
  const answer = editor.read({ prompt: '> ', history: [] });
  input.end();
  expect(await answer).toEqual({ kind: 'end' });
});
