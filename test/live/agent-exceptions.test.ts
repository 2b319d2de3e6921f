import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { partText } from '../../src/agent/payload.ts';
import { describeInterpreters } from '../support/matrix.ts';

/** Each has our code run something, and says whether its exception is the program's. */
const CASES: readonly (readonly [title: string, python: string, isFromOutside: boolean])[] = [
  ['a fault of our own', 'own_fault', false],
  ['code that was asked for and fails', 'lambda: asked(ValueError())', false],
  ['code that was asked for and exits', 'lambda: asked(SystemExit())', false],
  ['Ctrl-C in code that was asked for', 'lambda: asked(KeyboardInterrupt())', true],
  ['Ctrl-C in ours', 'own_interrupt', true],
  ['what a thread throws, or a handler made in C', 'own_exit', true],
  ['a handler', 'lambda: signalled(raising)', true],
  ['a method as handler', 'lambda: signalled(Handler().method)', true],
  ['a partial as handler', 'lambda: signalled(functools.partial(raising, more=1))', true],
  ['an object as handler', 'lambda: signalled(Handler())', true],
  ['a handler while code runs that was asked for', 'lambda: asked_and_signalled(raising)', true],
];

const PROGRAM = [
  'import functools, json, os, signal, sys',
  'OWN_FILE = "<pyflight agent>"',
  'exec(compile(sys.stdin.readline().encode().decode("unicode_escape"), OWN_FILE, "exec"))',
  'exec(compile("""',
  'def judged(run):',
  '  try: run()',
  '  except BaseException as error: return is_from_outside(error)',
  'def own_fault(): {}[1]',
  'def own_interrupt(): raise KeyboardInterrupt',
  'def own_exit(): raise SystemExit',
  'def signalled(handler):',
  '  signal.signal(signal.SIGUSR1, handler); os.kill(os.getpid(), signal.SIGUSR1)',
  '  for _ in range(1000): pass',
  '""", OWN_FILE, "exec"))',
  'def asked(error): raise error',
  'def asked_and_signalled(handler): signalled(handler)',
  'def raising(*_, **more): raise ValueError',
  'class Handler:',
  '  def method(self, *_): raise ValueError',
  '  def __call__(self, *_): raise ValueError',
  'print(json.dumps([judged(each) for each in [',
  ...CASES.map(([, python]) => `${python},`),
  ']]))',
];

describeInterpreters('3.6', ({ command: [program = '', ...words] }) => {
  test('is_from_outside() tells what must reach the program from what was asked for', () => {
    const escaped = JSON.stringify(partText('expressions')).slice(1, -1);
    const args = [...words, '-S', '-c', PROGRAM.join('\n')];
    const { stdout, stderr } = spawnSync(program, args, { input: `${escaped}\n`, encoding: 'utf8' });
    expect(stderr).toBe('');
    const judged: readonly boolean[] = JSON.parse(stdout);
    expect(CASES.map(([title], index) => [title, judged[index]])).toEqual(
      CASES.map(([title, , isFromOutside]) => [title, isFromOutside]),
    );
  });
});
