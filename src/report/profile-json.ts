import { functionRows } from '../profile/function-table.ts';
import type { Profile } from '../profile/profile.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import type { JsonObject } from './json-value.ts';

/** More functions than that are in the file of the profile alone. */
const MOST_FUNCTIONS = 1000;

/** Where a profile went: to a file, in messages to a server. */
export interface ProfileWays {
  readonly file: string | undefined;
  readonly push?: PushFacts | undefined;
}

interface PushFacts {
  readonly url: string;
  readonly service: string;
  readonly counts: {
    readonly sent: number;
    readonly sentBytes: number;
    readonly dropped: number;
    readonly refused: number;
    readonly failure: string | undefined;
  };
}

/** Writes how a profile came about, which functions are in it and where it went. */
export function profileToJson(profile: Profile, { file, push }: ProfileWays): JsonObject {
  const { account, processes, threads } = profile;
  const rows = functionRows(new WeightedTree(profile));
  const { startedAt, lateness, sweepTime, pauses, unreadProcesses, ...numbers } = account;
  return {
    schemaVersion: 1,
    file: file === undefined || file === '-' ? null : file,
    push: push === undefined ? null : pushToJson(push),
    account: {
      ...numbers,
      startedAt: new Date(startedAt).toISOString(),
      lateness: { ...lateness },
      sweepTime: { ...sweepTime },
      pauses: { ...pauses },
      unreadProcesses: unreadProcesses.map((unread) => ({ ...unread })),
    },
    processes: processes.map(({ pid, parent, commandLine }) => ({
      pid,
      parent: parent ?? null,
      commandLine: [...commandLine],
    })),
    threads: threads.map(({ process, interpreterId, osThreadId, pthreadId, name, ...thread }) => ({
      process,
      interpreterId,
      osThreadId: osThreadId ?? null,
      pthreadId: pthreadId ?? null,
      name: name ?? null,
      isMainThread: thread.isMainThread,
      sharedBy: thread.sharedBy,
    })),
    functions: rows.slice(0, MOST_FUNCTIONS).map(({ frame, own, total }) => ({
      name: frame.name,
      file: frame.file,
      firstLine: frame.firstLine,
      own: { ...own },
      total: { ...total },
    })),
    problems: [],
  };
}

function pushToJson({ url, service, counts }: PushFacts): JsonObject {
  const { sent, sentBytes, dropped, refused, failure } = counts;
  return { url, service, sent, sentBytes, dropped, refused, failure: failure ?? null };
}
