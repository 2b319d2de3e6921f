import type { OpenFile } from '../../model/open-file.ts';
import type { ThreadActivity } from '../../model/thread-stack.ts';
import type { SystemCallWait } from '../../model/thread-wait.ts';
import type { Target } from '../../target/target.ts';
import type { CallArguments } from './system-calls.ts';

/** More files than this are counted, not described. */
const MOST_FILES = 64;

/** A thread that is blocked in a system call, and what the call was given. */
export interface CallingThread {
  readonly osThreadId: number | undefined;
  readonly activity: ThreadActivity;
  readonly call: CallArguments;
}

/** Describes what a system call waits for: the files, the child and the time. Asked when the target runs again. */
export function describeCall(
  surroundings: Target['surroundings'],
  { osThreadId, activity, call }: CallingThread,
): SystemCallWait {
  const name = activity.state === 'blocked' ? activity.syscallName : undefined;
  if (name !== 'restart_syscall') return describe(surroundings, name, call);
  // Only of the call that is interrupted most we know what its arguments mean.
  const isPoll = osThreadId !== undefined && surroundings?.sleepsIn(osThreadId)?.includes('poll') === true;
  return isPoll ? describe(surroundings, 'poll', call) : describe(surroundings, name, NOTHING);
}

const NOTHING: CallArguments = { descriptors: [], epoll: undefined, child: undefined, time: undefined };

function describe(
  surroundings: Target['surroundings'],
  name: string | undefined,
  { descriptors, epoll, child, time }: CallArguments,
): SystemCallWait {
  const watched = epoll === undefined ? [] : (surroundings?.watchedBy(epoll) ?? []);
  const all = epoll === undefined ? descriptors : watched.length > 0 ? watched : [epoll];
  const now = time?.kind === 'monotonic' ? surroundings?.monotonicSeconds() : undefined;
  return {
    kind: 'system-call',
    name,
    files: all.map(
      (fd, at): OpenFile =>
        at < MOST_FILES && surroundings !== undefined ? surroundings.openFile(fd) : { kind: 'unknown', fd },
    ),
    child:
      typeof child === 'number' ? (surroundings?.child(child) ?? { pid: child, name: undefined }) : child,
    lastsSeconds: time?.kind === 'duration' ? time.seconds : undefined,
    remainingSeconds: time === undefined || now === undefined ? undefined : Math.max(0, time.seconds - now),
  };
}
