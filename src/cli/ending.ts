import type { Context } from './context.ts';

/** Has the first Ctrl-C end what goes on, so that it can still be told of; a second one ends the program. Answers how to undo that. */
export function endAtInterrupt(
  { onInterrupt, takeInterrupts }: Pick<Context, 'onInterrupt' | 'takeInterrupts'>,
  end: () => void,
): () => void {
  const forget = onInterrupt(end);
  let isEnding = false;
  const release = takeInterrupts(() => {
    if (isEnding) return false;
    isEnding = true;
    end();
    return true;
  });
  return () => {
    release();
    forget();
  };
}
