import { describe, expect, test } from 'vitest';
import { toAddress } from './address.ts';
import { CannotCountError } from './cannot-count-error.ts';
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
  InspectorError,
  InterpreterNotFoundError,
  isAboutMemory,
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
  WrongProgramError,
  ZombieProcessError,
} from './errors.ts';
import { TorchRefusedError } from './torch-errors.ts';

/** Each error as it is made, its code, its whole message and the facts that it carries. */
const ERRORS = [
  [
    new AgentAnswerError('a message is not JSON'),
    'agent-answer',
    'Cannot understand the agent: a message is not JSON',
    {},
  ],
  [
    new AgentLostError(42, 'it has hung up'),
    'agent-lost',
    'Cannot go on with the agent in process 42: it has hung up',
    { pid: 42 },
  ],
  [
    new AgentPlaceError(42, ['/tmp: permission denied']),
    'agent-place',
    'Cannot attach to process 42: no directory that it sees takes the files of the agent',
    { pid: 42, attempts: ['/tmp: permission denied'] },
  ],
  [
    new AgentSilentError(42, 'no answer came'),
    'agent-silent',
    'Cannot use the agent in process 42: no answer came',
    { pid: 42 },
  ],
  [
    new EvaluationCancelledError(),
    'evaluation-cancelled',
    'Cannot evaluate it in the process: it was called off',
    { goesOn: false },
  ],
  [
    new EvaluationFailedError('ValueError', 'ValueError: bad'),
    'evaluation-failed',
    'Cannot evaluate it in the process: ValueError was raised',
    { traceback: 'ValueError: bad' },
  ],
  [
    new NotConfirmedError('open a console'),
    'not-confirmed',
    'Cannot open a console: it can change the process, and that was not confirmed',
    {},
  ],
  [new ReplayRefusedError('it is gone'), 'replay-refused', 'Cannot repeat the call: it is gone', {}],
  [
    new TorchRefusedError('no-cuda', 'it is built for the CPU alone'),
    'torch-refused',
    'Cannot ask torch: it is built for the CPU alone',
    { obstacle: 'no-cuda' },
  ],
  [
    new HookRefusedError('shop is a module; name a function of it', ['shop.add']),
    'hook-refused',
    'Cannot hook it: shop is a module; name a function of it',
    { functions: ['shop.add'] },
  ],
  [
    new NotInTargetError('module shop is not loaded'),
    'not-in-target',
    'Cannot find it in the process: module shop is not loaded',
    {},
  ],
  [
    new NotReloadableError('value', 'the default of x cannot be computed', 'NameError: y'),
    'not-reloadable',
    'Cannot reload it: the default of x cannot be computed',
    { obstacle: 'value', traceback: 'NameError: y' },
  ],
  [
    new UnreadableMemoryError(toAddress(0x7f00_dead_beef), 24),
    'unreadable-memory',
    'Cannot read 24 bytes at 0x7f00deadbeef: not mapped in the target',
    { address: 0x7f00_dead_beef, sizeBytes: 24 },
  ],
  [
    new MalformedInputError('frame table', 7, 'u8 needs 1 bytes, 0 left'),
    'malformed-input',
    'Cannot read frame table at offset 7: u8 needs 1 bytes, 0 left',
    { source: 'frame table', offset: 7 },
  ],
  [new NoSuchProcessError(42), 'no-such-process', 'Cannot inspect process 42: no such process', { pid: 42 }],
  [
    new ProcessExitedError(42),
    'process-exited',
    'Cannot inspect process 42: it ended meanwhile',
    { pid: 42 },
  ],
  [
    new ProcessReplacedError(42),
    'process-replaced',
    'Cannot inspect process 42: it began to run another program meanwhile',
    { pid: 42 },
  ],
  [
    new ThreadIdError(42, 45),
    'thread-id',
    'Cannot inspect process 45: it is a thread of process 42',
    { processId: 42, threadId: 45 },
  ],
  [
    new ZombieProcessError(42),
    'zombie-process',
    'Cannot inspect process 42: it is a zombie, which has ended and has no memory',
    { pid: 42 },
  ],
  [
    new KernelThreadError(2, 'kthreadd'),
    'kernel-thread',
    'Cannot inspect process 2: it is the kernel thread kthreadd',
    { pid: 2 },
  ],
  [
    new AlreadyTracedError(42, 7, 'gdb'),
    'already-traced',
    'Cannot stop process 42: process 7 (gdb) is tracing it already',
    { pid: 42, tracerPid: 7 },
  ],
  [
    new NotPermittedError(42, 'other-user', 'it belongs to root'),
    'not-permitted',
    'Cannot inspect process 42: it belongs to root',
    { pid: 42, reason: 'other-user' },
  ],
  [
    new NotPythonError(42, '/bin/cat'),
    'not-python',
    'Cannot inspect process 42: no CPython interpreter is loaded in /bin/cat',
    { pid: 42, executable: '/bin/cat' },
  ],
  [
    new InterpreterNotFoundError(['symbols: none']),
    'interpreter-not-found',
    'Cannot find the interpreter state: no method led to one that holds together',
    { attempts: ['symbols: none'] },
  ],
  [
    new UnsupportedPythonError('3.5', 'older than 3.6'),
    'unsupported-python',
    'Cannot read CPython 3.5: older than 3.6',
    { version: '3.5' },
  ],
  [
    new FfiUnavailableError('stop process 42'),
    'ffi-unavailable',
    'Cannot stop process 42: the optional package koffi is not installed',
    {},
  ],
  [
    new NoSuchNameError('module shop', 'it is not loaded in process 42', 'shop', ['json']),
    'no-such-name',
    'Cannot find module shop: it is not loaded in process 42',
    { wanted: 'shop', known: ['json'] },
  ],
  [
    new NotKeptError('the instances of Cart', 'there are no lists of them'),
    'not-kept',
    'Cannot list the instances of Cart: there are no lists of them',
    {},
  ],
  [
    new CannotCountError('there are no symbols'),
    'cannot-count',
    'Cannot count each take of the GIL: there are no symbols',
    {},
  ],
  [
    new NoSuchThreadError('9', ['7', '8']),
    'no-such-thread',
    'Cannot show thread 9: the process has 7, 8',
    {},
  ],
  [new BadArgumentError('Cannot use rate 0: below 1'), 'bad-argument', 'Cannot use rate 0: below 1', {}],
  [new AbortedError('core.42.zst'), 'aborted', 'Cannot decompress core.42.zst: it was called off', {}],
  [
    new CannotWriteFileError('out.svg', 'no space left'),
    'cannot-write-file',
    'Cannot write out.svg: no space left',
    {},
  ],
  [
    new CannotReadFileError('job.core', 'it is a directory'),
    'cannot-read-file',
    'Cannot read job.core: it is a directory',
    {},
  ],
  [
    new SamplerFailedError('its thread ended without a word'),
    'sampler-failed',
    'Cannot sample the process: its thread ended without a word',
    {},
  ],
  [
    new CannotStartProgramError('/opt/python', 'no such file'),
    'cannot-start-program',
    'Cannot start /opt/python: no such file',
    {},
  ],
  [
    new NoPythonInstalledError(),
    'no-python-installed',
    'Cannot start the demo: there is no python3 on PATH',
    {},
  ],
] as const;

describe.each(ERRORS)('%s', (error, code, message, facts) => {
  test('says what and why, and carries the facts', () => {
    expect(error).toBeInstanceOf(InspectorError);
    expect(error.code).toBe(code);
    expect(error.message).toBe(message);
    expect(error.message).toMatch(/^Cannot .+: .+[^.]$/);
    expect({ ...error }).toEqual({ code, ...facts });
  });

  test('is named as its class', () => {
    expect(error.name).toBe(error.constructor.name);
    expect(String(error)).toBe(`${error.constructor.name}: ${message}`);
  });
});

test('NotReloadableError tells what cannot be put back from what cannot be reloaded', () => {
  const { message } = new NotReloadableError('nothing', 'nothing of it was reloaded');
  expect(message).toBe('Cannot put it back: nothing of it was reloaded');
});

test('every code belongs to one class', () => {
  expect(new Set(ERRORS.map(([, code]) => code)).size).toBe(ERRORS.length);
});

const CAUSE = new Error('ESRCH');

test.each([
  new UnreadableMemoryError(toAddress(0), 1, { cause: CAUSE }),
  new MalformedInputError('x', 0, 'y', { cause: CAUSE }),
  new NoSuchProcessError(1, { cause: CAUSE }),
  new ProcessExitedError(1, { cause: CAUSE }),
  new AbortedError('x', { cause: CAUSE }),
  new UnusableCoreError('x', 'damaged', 'y', { cause: CAUSE }),
  new WrongProgramError('x', 'y', { cause: CAUSE }),
  new AlreadyTracedError(1, 2, 'gdb', { cause: CAUSE }),
  new NotPermittedError(1, 'yama', 'x', { cause: CAUSE }),
  new FfiUnavailableError('x', { cause: CAUSE }),
  new CannotWriteFileError('x', 'y', { cause: CAUSE }),
  new BadArgumentError('x', { cause: CAUSE }),
])('$name keeps its cause', (error) => {
  expect(error.cause).toBe(CAUSE);
});

test.each([
  [new UnreadableMemoryError(toAddress(0), 1), true],
  [new MalformedInputError('x', 0, 'y'), true],
  [new ProcessExitedError(1), false],
  [new RangeError('a bug'), false],
  ['no error', false],
])('isAboutMemory(%s) is %s', (error, answer) => {
  expect(isAboutMemory(error)).toBe(answer);
});
