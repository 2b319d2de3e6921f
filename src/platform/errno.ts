/** The name of the system's error that node:fs threw: `ENOENT`; `undefined` for anything else. */
export function errnoNameOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return 'syscall' in error ? error.code : undefined;
}

/** Whether it says that a file, process or thread is not there, or not there any more. */
export function isGone(error: unknown): boolean {
  const name = errnoNameOf(error);
  return name === 'ENOENT' || name === 'ESRCH' || name === 'ENOTDIR';
}

/** Whether it says that we may not. */
export function isRefused(error: unknown): boolean {
  const name = errnoNameOf(error);
  return name === 'EPERM' || name === 'EACCES';
}

/** Does what may fail for reasons of the system, of which nobody needs to hear. */
export function silently<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (errnoNameOf(error) === undefined) throw error;
    return undefined;
  }
}
