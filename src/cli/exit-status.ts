import type { ErrorCode } from '../base/errors.ts';

/** How a command ended that did not fail: whole, with parts missing, stopped from outside, with a deadlock found, with nothing found. */
export type Outcome =
  | 'complete'
  | 'partial'
  | 'failed'
  | 'usage'
  | 'gone'
  | 'interrupted'
  | 'deadlock'
  | 'no-match';

/** The status that the program exits with for each outcome. */
export const OUTCOME_STATUS: Readonly<Record<Outcome, number>> = {
  complete: 0,
  partial: 1,
  failed: 1,
  usage: 2,
  gone: 3,
  interrupted: 130,
  deadlock: 8,
  'no-match': 7,
};

/** The status that the program exits with for each failure. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, number>> = {
  aborted: 130,
  'agent-answer': 1,
  'agent-lost': 1,
  'agent-place': 4,
  'agent-silent': 6,
  'already-traced': 4,
  'bad-argument': 2,
  'cannot-push': 1,
  'cannot-read-file': 1,
  'cannot-serve': 1,
  'cannot-start-program': 1,
  'cannot-write-file': 1,
  'evaluation-cancelled': 130,
  'evaluation-failed': 1,
  'ffi-unavailable': 1,
  'hook-refused': 6,
  'injection-refused': 6,
  'injection-timed-out': 6,
  'interpreter-not-found': 1,
  'kernel-thread': 5,
  'malformed-input': 1,
  'no-python-installed': 1,
  'no-such-name': 7,
  'no-such-process': 3,
  'no-such-thread': 7,
  'cannot-count': 5,
  'not-kept': 5,
  'not-confirmed': 2,
  'not-in-target': 7,
  'not-permitted': 4,
  'not-python': 5,
  'not-reloadable': 1,
  'other-version': 1,
  'process-exited': 3,
  'process-replaced': 3,
  'replay-refused': 6,
  'sampler-failed': 1,
  'thread-id': 2,
  'torch-refused': 6,
  'unreadable-memory': 1,
  'unusable-core': 5,
  'unwritable-memory': 1,
  'unsupported-python': 5,
  'wrong-program': 2,
  'zombie-process': 3,
};

/** What each status means, for the documents. */
export const STATUS_MEANINGS: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'all of it was done and read'],
  [
    1,
    'a part could not be read (the rest was printed), the work failed, or an expression raised an exception',
  ],
  [
    2,
    'the command line is wrong, names another program than that of the core, or asks for what this release does not have',
  ],
  [3, 'no such process; it ended or became another meanwhile; or it is a zombie'],
  [
    4,
    'the system does not permit it, another tracer holds the process, or no directory there takes the agent',
  ],
  [
    5,
    'it does not run Python, or a Python that cannot be read or lacks what was asked for; a file is no core of one, or of another machine',
  ],
  [
    6,
    'no code can be run inside the process in the state that it is in, the agent there did not answer in time, or a function cannot be hooked',
  ],
  [7, 'nothing matched: an unknown thread, a module that is not loaded, a name that is not there'],
  [8, '`locks` found threads that wait for each other for ever'],
  [129, 'ended by SIGHUP'],
  [130, 'ended by Ctrl-C (SIGINT)'],
  [143, 'ended by SIGTERM'],
];
