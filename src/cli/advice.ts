import {
  AgentPlaceError,
  AlreadyTracedError,
  type ErrorCode,
  EvaluationCancelledError,
  EvaluationFailedError,
  HookRefusedError,
  type InspectorError,
  InterpreterNotFoundError,
  MalformedInputError,
  NoSuchNameError,
  NotPermittedError,
  NotReloadableError,
  ProcessReplacedError,
  type RefusalReason,
  ThreadIdError,
  UnusableCoreError,
} from '../base/errors.ts';
import { CannotPushError, type PushObstacle } from '../base/server-errors.ts';
import { TorchRefusedError } from '../base/torch-errors.ts';
import { injectionAdvice } from './agent/injection-advice.ts';
import { nearestWord } from './nearest.ts';
import { joinShellWords } from './shell-words.ts';

/** How the program was called: its name and the words after it. */
export interface Invocation {
  readonly programName: string;
  readonly argv: readonly string[];
}

type Advice = (error: InspectorError, invocation: Invocation) => readonly string[];

const REPORT_PAGE = 'the issue page of pyflight';

const seeProcesses: Advice = (_, { programName }) => [`${programName} ps    lists the Python processes`];

const tryAgain: Advice = () => ['It may have been read in the middle of a change: try it again.'];

const installFfi: Advice = (_, { programName, argv }) => [
  'npm install koffi    installs it beside pyflight',
  `${withoutStops(programName, argv, pidIn(argv))}    reads without stopping the process`,
];

/** What was typed, or `stack`, as it stops nothing. */
function withoutStops(programName: string, argv: readonly string[], pid: string): string {
  const [name = ''] = argv;
  return ['perf', 'record', 'top'].includes(name)
    ? `${programName} ${name} ${name === 'record' ? '--pid ' : ''}${pid}`
    : `${programName} stack ${pid} --no-block`;
}

function pidIn(argv: readonly string[]): string {
  return argv.find((word) => /^\d+$/.test(word)) ?? '<pid>';
}

/** The command that was typed, with a blank, where it came first. */
function commandIn(argv: readonly string[]): string {
  const [name = ''] = argv;
  return /^[a-z]+$/.test(name) && name !== 'help' ? `${name} ` : '';
}

const seeThread: Advice = (error, { programName }) =>
  error instanceof ThreadIdError
    ? [
        `${programName} stack ${error.processId} --thread ${error.threadId}    shows that thread of the process`,
      ]
    : [];

/** What to type next after each failure, a line each. */
const ADVICE: Readonly<Record<ErrorCode, Advice>> = {
  aborted: () => ['Nothing of it is left on the disk.'],
  'agent-answer': (_, { programName, argv }) => [
    'The process may be hostile or damaged; nothing of what it said was used.',
    `${programName} stack ${pidIn(argv)}    reads it from outside`,
  ],
  'agent-lost': (_, { programName, argv }) => [
    `${programName} status ${pidIn(argv)}    tells whether an agent is inside`,
  ],
  'agent-place': (error, { programName, argv }) => [
    ...(error instanceof AgentPlaceError ? error.attempts : []),
    'Mount a tmpfs at one of these places, or let the user of the process write there.',
    `${programName} stack ${pidIn(argv)}    needs no files there`,
  ],
  'agent-silent': (_, { programName, argv }) => [
    `${programName} stack ${pidIn(argv)} --native    shows what the process does`,
    '--timeout 30    waits longer; -v shows each step',
  ],
  'already-traced': (error, { programName, argv }) => [
    'A process has one tracer at a time: end that debugger, or read without stopping the process:',
    withoutStops(programName, argv, error instanceof AlreadyTracedError ? String(error.pid) : '<pid>'),
  ],
  'bad-argument': (_, { programName, argv }) => [
    `${programName} ${commandIn(argv)}--help    shows what can be typed`,
  ],
  'cannot-push': (error) => (error instanceof CannotPushError ? PUSH_ADVICE[error.obstacle] : []),
  'cannot-read-file': () => ['Name a file that is there and that you may read.'],
  'cannot-serve': () => ['Leave --serve-port out: a free one is found then.'],
  'cannot-start-program': (_, { programName, argv }) => [
    argv[0] === 'demo'
      ? `${programName} demo --python /path/to/python3    runs the demo with another Python, 3.6 or later`
      : 'Name a program that is there, by its path or as the shell finds it.',
  ],
  'cannot-write-file': () => ['Choose another file, or leave -f out to see the result here.'],
  'evaluation-cancelled': (error, { programName, argv }) =>
    error instanceof EvaluationCancelledError && error.goesOn
      ? [`${programName} status ${pidIn(argv)}    shows whether it still runs`]
      : ['Nothing of it is left in the process but what the code itself has changed.'],
  'evaluation-failed': (error) =>
    error instanceof EvaluationFailedError ? error.traceback.trimEnd().split('\n') : [],
  'ffi-unavailable': installFfi,
  'injection-refused': injectionAdvice,
  'injection-timed-out': injectionAdvice,
  'interpreter-not-found': (error) => [
    ...(error instanceof InterpreterNotFoundError ? error.attempts : []),
    'The interpreter may be starting or shutting down: try it again.',
    'With --exhaustive all of its memory is searched, which takes longer.',
  ],
  'hook-refused': hookAdvice,
  'kernel-thread': seeProcesses,
  'malformed-input': (error, invocation) =>
    error instanceof MalformedInputError && invocation.argv.includes(error.source)
      ? ['Name a file that pyflight has written, as perf -f hour.pyflight does.']
      : tryAgain(error, invocation),
  'no-python-installed': (_, { programName }) => [
    'Install python3 with the package manager of your system, on Debian: apt install python3',
    `${programName} demo --python /path/to/python3    uses one that is elsewhere`,
  ],
  'no-such-name': nameAdvice,
  'no-such-process': (_, { programName }) => [
    ...seeProcesses(_, { programName, argv: [] }),
    'A pid from inside a container differs from the one outside.',
  ],
  'no-such-thread': (_, invocation) => [
    `${invocation.programName} stack <pid>    shows all threads, with their ids and names`,
  ],
  'not-kept': (_, { programName }) => [
    `${programName} stack <pid> --locals    shows the objects that its frames hold`,
  ],
  'cannot-count': (_, { programName, argv }) => [
    `${programName} gilstat ${pidIn(argv)}    estimates the same from looks, without --exact`,
  ],
  'not-confirmed': () => ['--allow-write    permits it'],
  'not-in-target': (_, { programName, argv }) => [
    ...(argv[0] === 'tt' && !argv.includes('-t')
      ? [`${programName} tt ${pidIn(argv)} -l    lists the calls that are recorded`]
      : []),
    `${programName} module ${pidIn(argv)} --list    shows which modules are loaded`,
  ],
  'not-permitted': permissionAdvice,
  'not-python': (_, { programName, argv }) => [
    ...seeProcesses(_, { programName, argv }),
    'A Python under another name, as in a plug-in, may be found with --exhaustive.',
  ],
  'not-reloadable': reloadAdvice,
  'other-version': () => [
    'Record it anew, or have the one that wrote it convert it: pyflight convert FILE -f out.html',
  ],
  'process-exited': seeProcesses,
  'process-replaced': (error, { programName }) => [
    `${programName} stack ${error instanceof ProcessReplacedError ? error.pid : '<pid>'}    looks at the program that it runs now`,
  ],
  'replay-refused': (_, { programName, argv }) => [
    `${programName} tt ${pidIn(argv)} -i <index>    shows the call as it was recorded`,
  ],
  'sampler-failed': (_, { programName, argv }) => [
    `${programName} stack ${pidIn(argv)}    shows the threads at one moment`,
  ],
  'thread-id': seeThread,
  'torch-refused': torchAdvice,
  'unreadable-memory': tryAgain,
  'unusable-core': coreAdvice,
  'unwritable-memory': tryAgain,
  'unsupported-python': () => [
    `CPython 2.7 and 3.6 to 3.15 can be read. Tell ${REPORT_PAGE} which one you need.`,
  ],
  'wrong-program': (_, { programName }) => [
    `${programName} core <core>    finds the program by itself where the process had it`,
  ],
  'zombie-process': seeProcesses,
};

const PUSH_ADVICE: Readonly<Record<PushObstacle, readonly string[]>> = {
  unreachable: ['Is the server up, and reached from here? curl -v shows more of it than we do.'],
  unauthorized: [
    'PYFLIGHT_PUSH_TOKEN=…    sends a bearer token',
    'PYFLIGHT_PUSH_BASIC=user:password    sends a name and a password',
    'PYFLIGHT_PUSH_TENANT=…    names the tenant of a Pyroscope that has several',
  ],
  'no-endpoint': [
    '--push http://host:4040    is for Pyroscope, by the address of its page',
    '--push otlp+http://host:4318    is for a receiver of OTLP profiles',
  ],
  refused: ['What it says may tell why.'],
};

/** What can be had nevertheless. */
function torchAdvice(error: InspectorError, { programName, argv }: Invocation): readonly string[] {
  if (!(error instanceof TorchRefusedError)) return [];
  const pid = pidIn(argv);
  switch (error.obstacle) {
    case 'absent':
      return [
        `${programName} perf ${pid}    profiles its Python`,
        `${programName} mem ${pid} summary    tells what takes its memory`,
      ];
    case 'no-cuda':
      return [
        `${programName} torch ${pid} memory --cpu    lists the tensors in memory of the CPU`,
        `${programName} torch ${pid} profile <module> <function>    profiles a call on the CPU`,
      ];
    case 'busy':
      return ['Wait for the end of what the program profiles, and type the same again.'];
    case 'failed':
      return ['The program goes on as before; its own standard error may have more of it.'];
    default:
      return error.obstacle satisfies never;
  }
}

/** Tells what to type next after a failure, a line each. */
export function adviceFor(error: InspectorError, invocation: Invocation): readonly string[] {
  return ADVICE[error.code](error, invocation);
}

/** As many names as fit a line or two. */
const MOST_NAMES = 8;

/** What was probably meant: a slip of the keyboard, or a name without the packages that it lies in. */
function nameAdvice(error: InspectorError, { programName }: Invocation): readonly string[] {
  if (!(error instanceof NoSuchNameError)) return [];
  const { wanted, known } = error;
  const nearest = nearestWord(wanted, known);
  const last = wanted.slice(wanted.lastIndexOf('.') + 1);
  const others = known.filter(
    (name) =>
      name.endsWith(`.${last}`) || nearestWord(last, [name.slice(name.lastIndexOf('.') + 1)]) !== undefined,
  );
  const meant = [...new Set([...(nearest === undefined ? [] : [nearest]), ...others])];
  if (meant.length > 0) return [`Did you mean ${meant.slice(0, MOST_NAMES).join(', ')}?`];
  if (error.message.includes('is not loaded'))
    return [`${programName} module <pid> --list    lists the modules that it has loaded`];
  const some = known.filter((name) => !name.startsWith('__')).slice(0, MOST_NAMES);
  return some.length === 0 ? [] : [`There are: ${some.join(', ')}${known.length > some.length ? ' …' : ''}`];
}

/** A function that could have been meant as it is typed, and the others. */
function hookAdvice(error: InspectorError, { programName, argv }: Invocation): readonly string[] {
  const command = argv[0] ?? 'watch';
  const [first, ...others] = error instanceof HookRefusedError ? error.functions : [];
  if (first === undefined) return [`${programName} help ${command}    shows how functions are named`];
  const line = joinShellWords([programName, command, pidIn(argv), first]);
  return others.length === 0 ? [line] : [line, `There are also: ${others.join(', ')}`];
}

const AS_ROOT = 'sudo env "PATH=$PATH"';

const DOCKER_LINE =
  'In a container: start it with docker run --cap-add=SYS_PTRACE, or run this on the host instead.';

/** Never to switch Yama off, which would open every process of the machine. */
const YAMA_LINE =
  'Where that is 1: a program that is started with setpriv --ptracer any allows it to others of its user.';

const FORBIDDEN_LINE =
  'Root may not either: run this where no such rule holds, as on the host of a container.';

const PROC_LINE =
  'Mount a /proc of the pid namespace that you are in (unshare --mount-proc does so), or go to where this one belongs.';

function permissionAdvice(error: InspectorError, { programName, argv }: Invocation): readonly string[] {
  const reason: RefusalReason = error instanceof NotPermittedError ? error.reason : 'unknown';
  const asRoot = `${AS_ROOT} ${joinShellWords([programName, ...argv])}`;
  switch (reason) {
    case 'other-user':
      return [asRoot];
    case 'yama':
      return [asRoot, YAMA_LINE];
    case 'capability':
      return [DOCKER_LINE];
    case 'foreign-proc':
      return [PROC_LINE];
    case 'forbidden':
      return [FORBIDDEN_LINE];
    case 'unknown':
      return [asRoot, DOCKER_LINE];
  }
}

/** What to do about a function that keeps its code; nothing was changed. */
function reloadAdvice(error: InspectorError, { programName, argv }: Invocation): readonly string[] {
  if (!(error instanceof NotReloadableError)) return [];
  const pid = pidIn(argv);
  switch (error.obstacle) {
    case 'file':
      return [`${programName} module ${pid} --list    shows the files that its modules were loaded from`];
    case 'syntax':
      return ['Nothing was changed: correct the file, and type the same again.'];
    case 'ambiguous':
      return ['--line <number>    takes the definition at that line of the file'];
    case 'value':
      return [
        ...error.traceback.trimEnd().split('\n'),
        'Nothing was changed: give it a default that the process can compute.',
      ];
    case 'nothing':
    case 'replaced':
      return [`${programName} reload ${pid} … --dry-run    shows how it differs from its file`];
    case 'no-function':
      return [`${programName} help reload    shows how functions are named`];
    case 'gone':
    case 'closure':
    case 'decorators':
    case 'failed':
      return ['Nothing was changed: only a new start of the process takes that in.'];
  }
}

/** What to do about a core that cannot be looked at. */
function coreAdvice(error: InspectorError, { programName, argv }: Invocation): readonly string[] {
  const { path, obstacle } =
    error instanceof UnusableCoreError ? error : { path: '<core>', obstacle: 'no-core' };
  const core = joinShellWords([path]);
  switch (obstacle) {
    case 'program':
      return [`${programName} core <core> ${core}    has the core first, and its program behind it`];
    case 'architecture':
      return [
        'Look at it on a machine of that kind, where the files of its process are too.',
        `gdb-multiarch <program> ${core}    reads cores of many machines`,
      ];
    case 'damaged':
      return [
        'Copy it again from where it was written. The kernel writes whole cores after: ulimit -c unlimited',
      ];
    case 'no-memory':
      return [
        'What a core shall hold is set before the process begins: echo 0x33 > /proc/self/coredump_filter; ulimit -c unlimited',
        `gdb <program> ${core}    shows what else there may be`,
      ];
    case 'no-python':
      return [
        ...(error.cause instanceof InterpreterNotFoundError ? error.cause.attempts : []),
        ...(argv.includes('--exhaustive')
          ? []
          : [`${programName} core ${core} --exhaustive    searches all of its memory for a Python`]),
        'Files that are not where the process had them are found with --lib-search-path or --lib-search-root.',
        `gdb <program> ${core}    shows the stacks of other programs`,
      ];
    default:
      return [
        `${programName} core    lists the cores that systemd has kept; else /proc/sys/kernel/core_pattern says where they go`,
      ];
  }
}
