import { expect, test } from 'vitest';
import { toAddress } from '../base/address.ts';
import { CannotCountError } from '../base/cannot-count-error.ts';
import {
  AbortedError,
  AgentAnswerError,
  AgentLostError,
  AgentPlaceError,
  AgentSilentError,
  AlreadyTracedError,
  BadArgumentError,
  CannotReadFileError,
  CannotStartProgramError,
  CannotWriteFileError,
  EvaluationCancelledError,
  EvaluationFailedError,
  FfiUnavailableError,
  HookRefusedError,
  InjectionRefusedError,
  InjectionTimedOutError,
  type InspectorError,
  InterpreterNotFoundError,
  KernelThreadError,
  MalformedInputError,
  NoPythonInstalledError,
  NoSuchNameError,
  NoSuchProcessError,
  NoSuchThreadError,
  NotConfirmedError,
  NotInTargetError,
  NotKeptError,
  NotPermittedError,
  NotPythonError,
  NotReloadableError,
  ProcessExitedError,
  ProcessReplacedError,
  ReplayRefusedError,
  SamplerFailedError,
  ThreadIdError,
  UnreadableMemoryError,
  UnsupportedPythonError,
  UnusableCoreError,
  UnwritableMemoryError,
  WrongProgramError,
  ZombieProcessError,
} from '../base/errors.ts';
import { OtherVersionError } from '../base/other-version-error.ts';
import { CannotPushError, CannotServeError } from '../base/server-errors.ts';
import { TorchRefusedError } from '../base/torch-errors.ts';
import { adviceFor } from './advice.ts';
import { ERROR_STATUS, OUTCOME_STATUS, STATUS_MEANINGS } from './exit-status.ts';

const INVOCATION = { programName: 'pyflight', argv: ['stack', '42', '--thread', 'pool 1'] };

const AS_ROOT = `sudo env "PATH=$PATH" pyflight stack 42 --thread 'pool 1'`;

test.each([
  ['other-user', [AS_ROOT]],
  [
    'yama',
    [
      AS_ROOT,
      'Where that is 1: a program that is started with setpriv --ptracer any allows it to others of its user.',
    ],
  ],
  ['forbidden', ['Root may not either: run this where no such rule holds, as on the host of a container.']],
  [
    'capability',
    ['In a container: start it with docker run --cap-add=SYS_PTRACE, or run this on the host instead.'],
  ],
  [
    'foreign-proc',
    [
      'Mount a /proc of the pid namespace that you are in (unshare --mount-proc does so), or go to where this one belongs.',
    ],
  ],
] as const)('adviceFor() a refusal by %s gives what lifts it', (reason, expected) => {
  expect(adviceFor(new NotPermittedError(42, reason, 'refused'), INVOCATION)).toEqual(expected);
});

test('adviceFor() a refusal without a known reason gives all that may lift it', () => {
  expect(adviceFor(new NotPermittedError(42, 'unknown', 'refused'), INVOCATION)).toHaveLength(2);
});

test('adviceFor() a name that is not there knows what was meant', () => {
  const advice = (wanted: string, known: readonly string[]) =>
    adviceFor(new NoSuchNameError(`module ${wanted}`, 'it is not loaded', wanted, known), INVOCATION);
  expect(advice('shop.crat', ['json', 'shop.cart'])).toEqual(['Did you mean shop.cart?']);
  expect(advice('cart', ['json', 'shop.cart', 'old.cart'])).toEqual(['Did you mean shop.cart, old.cart?']);
  expect(advice('shop', ['json'])[0]).toContain('--list');
});

test('adviceFor() a module in the place of a function gives the line with one of its functions', () => {
  const words = ['watch', '42', 'shop.cart'];
  const advice = (...functions: string[]) =>
    adviceFor(new HookRefusedError('shop.cart is a module; name a function of it', functions), {
      programName: 'pyflight',
      argv: words,
    });
  expect(advice('shop.cart.add')).toEqual(['pyflight watch 42 shop.cart.add']);
  expect(advice('shop.cart.add', 'shop.cart.Cart.pop')).toEqual([
    'pyflight watch 42 shop.cart.add',
    'There are also: shop.cart.Cart.pop',
  ]);
  expect(advice()).toEqual(['pyflight help watch    shows how functions are named']);
});

test('adviceFor() a thread id tells how to look at that thread', () => {
  expect(adviceFor(new ThreadIdError(42, 45), INVOCATION)).toEqual([
    'pyflight stack 42 --thread 45    shows that thread of the process',
  ]);
});

test.each([
  [['stack', '42', '--locals'], '42'],
  [['42', '--cmd', 'stack'], '42'],
  [['stack'], '<pid>'],
])('adviceFor() a missing FFI when %j was typed names the process', (argv, pid) => {
  expect(adviceFor(new FfiUnavailableError('stop process 42'), { programName: 'pyflight', argv })).toEqual([
    'npm install koffi    installs it beside pyflight',
    `pyflight stack ${pid} --no-block    reads without stopping the process`,
  ]);
});

test('adviceFor() a missing interpreter begins with what was tried', () => {
  const error = new InterpreterNotFoundError(['symbol _PyRuntime: none', '.bss: 12 candidates, none good']);
  expect(adviceFor(error, INVOCATION).slice(0, 2)).toEqual([
    'symbol _PyRuntime: none',
    '.bss: 12 candidates, none good',
  ]);
});

const ERRORS: readonly InspectorError[] = [
  new AbortedError('core.42'),
  new AgentAnswerError('a message is not JSON'),
  new AgentLostError(42, 'it has hung up'),
  new AgentPlaceError(42, ['/tmp: the file system is read-only']),
  new AgentSilentError(42, 'it did not come up within 5 s'),
  new EvaluationCancelledError(),
  new EvaluationFailedError('ValueError', 'ValueError: bad\n'),
  new NotConfirmedError('open a console'),
  new ReplayRefusedError('it is gone'),
  new OtherVersionError('hour.pyflight', 1, 2),
  new SamplerFailedError('its thread ended without a word'),
  new HookRefusedError('math.sqrt is made in C'),
  new NotInTargetError('module shop is not loaded'),
  new NotReloadableError('gone', 'its file has no add'),
  new AlreadyTracedError(42, 9, 'gdb'),
  new BadArgumentError('Cannot use x'),
  new CannotWriteFileError('/x', 'no such folder'),
  new FfiUnavailableError('stop process 42'),
  new InjectionRefusedError(42, 'stopped', 'it is stopped'),
  new InjectionTimedOutError(42, 5000, 'thread 43 holds the GIL'),
  new InterpreterNotFoundError([]),
  new KernelThreadError(2, 'kthreadd'),
  new MalformedInputError('x', 0, 'bad'),
  new CannotPushError('http://host:4040/push', 'no-endpoint', 'it answers 404'),
  new CannotReadFileError('job.core', 'it is a directory'),
  new CannotServeError(80, 'only root may listen there'),
  new CannotStartProgramError('/opt/python', 'no such file'),
  new NoPythonInstalledError(),
  new NoSuchProcessError(42),
  new NoSuchThreadError('9', ['5 (main)']),
  new NoSuchNameError('module shop', 'it is not loaded', 'shop', ['json']),
  new CannotCountError('there are no symbols'),
  new NotKeptError('instances', 'there are no lists'),
  new NotPermittedError(42, 'unknown', 'refused'),
  new NotPythonError(42, '/bin/sleep'),
  new ProcessExitedError(42),
  new ProcessReplacedError(42),
  new ThreadIdError(42, 45),
  new TorchRefusedError('absent', 'it is not loaded'),
  new UnreadableMemoryError(toAddress(4096), 8),
  new UnusableCoreError('core.42', 'no-core', 'it is empty'),
  new UnwritableMemoryError(toAddress(4096), 8),
  new UnsupportedPythonError('3.4.0', 'no table'),
  new WrongProgramError('/bin/ls', 'it is no ELF program'),
  new ZombieProcessError(42),
];

test.each([
  ['no-core', 'pyflight core    lists the cores that systemd has kept'],
  ['program', "pyflight core <core> 'a core'    has the core first"],
  ['architecture', "gdb-multiarch <program> 'a core'    reads"],
  ['damaged', 'ulimit -c unlimited'],
  ['no-python', "pyflight core 'a core' --exhaustive    searches"],
] as const)('adviceFor() a core that is unusable as %s says what to type', (obstacle, line) => {
  const error = new UnusableCoreError('a core', obstacle, 'some state');
  expect(adviceFor(error, INVOCATION).join('\n')).toContain(line);
});

test.each([
  ['absent', 'pyflight perf 42    profiles its Python'],
  ['no-cuda', 'pyflight torch 42 memory --cpu    lists the tensors'],
  ['busy', 'Wait for the end of what the program profiles'],
  ['failed', 'The program goes on as before'],
] as const)('adviceFor() a torch that refuses for %s says what to do', (obstacle, line) => {
  const invocation = { programName: 'pyflight', argv: ['torch', '42', 'memory', '-s'] };
  expect(adviceFor(new TorchRefusedError(obstacle, 'some state'), invocation).join('\n')).toContain(line);
});

test.each([
  ['file', 'pyflight module 42 --list    shows the files'],
  ['syntax', 'correct the file, and type the same again'],
  ['ambiguous', '--line <number>    takes the definition'],
  ['value', 'NameError: y\nNothing was changed'],
  ['nothing', 'pyflight reload 42 … --dry-run    shows'],
  ['no-function', 'pyflight help reload    shows'],
  ['closure', 'only a new start of the process'],
] as const)('adviceFor() a function that cannot be reloaded for %s says what to do', (obstacle, line) => {
  const error = new NotReloadableError(obstacle, 'some state', 'NameError: y\n');
  const invocation = { programName: 'pyflight', argv: ['reload', '42', 'shop', 'add'] };
  expect(adviceFor(error, invocation).join('\n')).toContain(line);
});

test('adviceFor() has something to type or to know for every error', () => {
  for (const error of ERRORS) expect(adviceFor(error, INVOCATION), error.code).not.toEqual([]);
});

test('every status that the program exits with has a meaning in the documents', () => {
  const documented = new Set(STATUS_MEANINGS.map(([status]) => status));
  for (const status of [...Object.values(ERROR_STATUS), ...Object.values(OUTCOME_STATUS)])
    expect(documented).toContain(status);
  expect(new Set(ERRORS.map(({ code }) => code))).toEqual(new Set(Object.keys(ERROR_STATUS)));
});
