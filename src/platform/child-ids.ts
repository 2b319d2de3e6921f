import { existsSync } from 'node:fs';
import { InspectorError } from '../base/errors.ts';
import { isGone } from './errno.ts';
import { listProcessIds, readStat } from './process-files.ts';
import { readSystemText } from './system-file.ts';
import { listThreadIds } from './thread-files.ts';

/**
 * Lists the processes that these have started and that have not been waited for, each with the one that started it. By the
 * files `children` of their threads, 15 µs for a process of one thread; where the kernel has none (CONFIG_PROC_CHILDREN), by
 * the parents that all processes of this machine name, 25 µs for each.
 */
export function listChildIds(
  parents: ReadonlySet<number>,
): readonly (readonly [child: number, parent: number])[] {
  return existsSync(CHILDREN_OF_OURS) ? childrenByThreads(parents) : childrenByParents(parents);
}

const CHILDREN_OF_OURS = `/proc/${process.pid}/task/${process.pid}/children`;

function childrenByThreads(parents: ReadonlySet<number>): readonly (readonly [number, number])[] {
  return [...parents].flatMap((parent) =>
    listThreadIds(parent).flatMap((threadId) =>
      readChildren(parent, threadId).map((child) => [child, parent] as const),
    ),
  );
}

/** `4243 4250 ` */
function readChildren(pid: number, threadId: number): readonly number[] {
  try {
    const text = readSystemText(`/proc/${pid}/task/${threadId}/children`);
    return text.split(' ').filter(Boolean).map(Number);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function childrenByParents(parents: ReadonlySet<number>): readonly (readonly [number, number])[] {
  return listProcessIds().flatMap((child) => {
    const parent = findParent(child);
    return parent !== undefined && parents.has(parent) ? [[child, parent] as const] : [];
  });
}

function findParent(pid: number): number | undefined {
  try {
    return readStat(pid).parentId;
  } catch (error) {
    if (error instanceof InspectorError) return undefined;
    throw error;
  }
}
