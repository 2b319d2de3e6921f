import {
  type InjectionObstacle,
  InjectionRefusedError,
  InjectionTimedOutError,
  type InspectorError,
} from '../../base/errors.ts';

/** What lifts each obstacle; what can be seen without running code is named for all of them. */
const WAYS_ON: Readonly<Record<InjectionObstacle, readonly string[]>> = {
  version: ['Code can be run in CPython 3.6 and later.'],
  architecture: ['Run pyflight on the machine of the process, of x86-64.'],
  'free-threaded': ['Run the program with the usual build of Python, which has a GIL.'],
  disabled: [
    'Start it without -X disable-remote-debug and without PYTHON_DISABLE_REMOTE_DEBUG, of a Python that was not built --without-remote-debug.',
  ],
  stopped: ['kill -CONT <pid>    lets a stopped process run on'],
  finalizing: ['It is about to end.'],
  filtered: [
    'Run pyflight with CAP_SYS_ADMIN, as root has it, to have the filter read; or start the program with one that allows Unix sockets and threads.',
  ],
  'no-symbols': [
    'Its functions must have names: a build that was not linked with -Wl,--exclude-libs or stripped of .dynsym.',
  ],
  unusual: ['It may have been read in the middle of a change: try it again.'],
  'no-room': ['Try it again; CPython 3.14 and later needs no room.'],
  'no-thread': ['Leave --how out, so that every way is tried.'],
  'path-too-long': ['Set TMPDIR to a directory with a shorter path.'],
};

/** What to do when no code could be run inside a process. */
export function injectionAdvice(
  error: InspectorError,
  { programName }: { readonly programName: string },
): readonly string[] {
  const pid =
    error instanceof InjectionRefusedError || error instanceof InjectionTimedOutError ? error.pid : undefined;
  const ways =
    error instanceof InjectionRefusedError ? WAYS_ON[error.obstacle] : ['--timeout <seconds> waits longer.'];
  const here = pid ?? '<pid>';
  return [
    ...ways.map((line) => line.replace('<pid>', String(here))),
    `${programName} stack ${here}    shows what its threads do, without running anything in it`,
    `${programName} locks ${here}    shows what its threads wait for, and who holds that`,
  ];
}
