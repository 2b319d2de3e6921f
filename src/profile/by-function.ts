import type { Profile, ProfileFrame } from './profile.ts';
import { rewriteStacks } from './rewrite-stacks.ts';

/** The function of a frame: the frame without its line. */
export function functionOf(frame: ProfileFrame): ProfileFrame {
  return frame.line === 0 ? frame : { ...frame, line: 0 };
}

/** Forgets at which line each function was. */
export function byFunction(profile: Profile): Profile {
  return rewriteStacks(profile, { replace: functionOf });
}
