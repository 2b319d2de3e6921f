import type { Problem } from '../model/problem.ts';
import type { OsThread } from './os-threads.ts';
import type { Pass, PassThread } from './pass.ts';

/**
 * Names the threads whose stacks may be torn, since they were left asleep in the pause and woke while they were read:
 * those that could come to run Python. A thread cannot while another one, which stood still, had its interpreter's GIL.
 */
export function tornByAwakening(
  { threads }: Pass,
  osThreads: ReadonlyMap<PassThread, OsThread>,
  awakened: readonly number[],
): readonly number[] {
  if (awakened.length === 0) return [];
  const ran = new Set(awakened);
  const idsByState = new Map(threads.map((thread) => [thread.state.address, osThreads.get(thread)?.id]));
  const couldRunPython = ({ interpreter }: PassThread): boolean => {
    if (!interpreter.hasGil || interpreter.gilHolder === undefined) return true;
    const holder = idsByState.get(interpreter.gilHolder);
    return holder === undefined || ran.has(holder);
  };
  const torn = threads.flatMap((thread) => {
    const id = osThreads.get(thread)?.id;
    return id !== undefined && ran.has(id) && couldRunPython(thread) ? [id] : [];
  });
  return [...new Set(torn)];
}

/** Says that a thread woke in the middle of every look that was taken. */
export function awakeningProblem(osThreadId: number, looks: number): Problem {
  const message = `Cannot show thread ${osThreadId} in one piece: it woke during each of ${looks} looks`;
  return { kind: 'torn-thread', message, osThreadId };
}
