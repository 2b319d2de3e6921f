import { escapeForTerminal } from '../base/escaping.ts';
import type { Profile, ProfiledThread, ProfileFrame } from './profile.ts';
import { rewriteStacks } from './rewrite-stacks.ts';
import { threadTitle } from './thread-title.ts';

/** What stacks are told apart by, below their calls. */
export interface RootChoice {
  readonly byProcess: boolean;
  readonly byThread: boolean;
}

const NO_PLACE = { file: '', firstLine: 0, line: 0 } as const;

/**
 * Puts what stacks belong to below them, as py-spy does: `process 12:"python3 app.py"`, one for each ancestor that is in
 * the profile, and `thread (12): MainThread`.
 */
export function withRoots(profile: Profile, { byProcess, byThread }: RootChoice): Profile {
  return rewriteStacks(profile, {
    rootsOf: (index) => {
      const thread = profile.threads[index];
      if (thread === undefined) return [];
      return [
        ...(byProcess ? processFrames(profile, thread) : []),
        ...(byThread ? [{ kind: 'thread' as const, name: threadTitle(thread), ...NO_PLACE }] : []),
      ];
    },
  });
}

/**
 * The same to be shown, without what a terminal would obey, and with the process where a profile has several:
 * `process 9, thread (12): MainThread`.
 */
export function titleAmong({ processes }: Pick<Profile, 'processes'>, thread: ProfiledThread): string {
  const process = processes.length < 2 ? '' : `process ${processes[thread.process]?.pid ?? '?'}, `;
  return process + escapeForTerminal(threadTitle(thread));
}

function processFrames({ processes }: Profile, thread: ProfiledThread): readonly ProfileFrame[] {
  const frames: ProfileFrame[] = [];
  const seen = new Set<number>();
  let index: number | undefined = thread.process;
  // A file may claim that a process has started itself.
  while (index !== undefined && !seen.has(index)) {
    seen.add(index);
    const process: Profile['processes'][number] | undefined = processes[index];
    if (process === undefined) break;
    const name = `process ${process.pid}:"${process.commandLine.join(' ')}"`;
    frames.unshift({ kind: 'process', name, ...NO_PLACE });
    index = process.parent;
  }
  return frames;
}
