import type { Profile } from './profile.ts';
import { rewriteStacks } from './rewrite-stacks.ts';

/** Leaves of each stack only the tasks: those that wait, and the one whose calls they were. */
export function byTask(profile: Profile): Profile {
  return rewriteStacks(profile, { replace: (frame) => (frame.kind === 'task' ? frame : undefined) });
}
