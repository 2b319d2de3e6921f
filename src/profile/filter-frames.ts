import { FrameLabels } from './frame-label.ts';
import { globPattern } from './glob-pattern.ts';
import type { Profile, ProfileFrame } from './profile.ts';
import { rewriteStacks } from './rewrite-stacks.ts';
import { EMPTY_STACK } from './stack-tree.ts';

/**
 * Which frames and stacks are wanted, by patterns: `module:shop.*`, `file:shop/v?ews.py`, `function:handle_*`. One without a
 * kind is of any of the three.
 */
export interface FrameFilter {
  /** Only stacks with a frame that one of these matches stay. Every stack does when there are none. */
  readonly include: readonly string[];
  /** Frames that one of these matches are left out: their time is that of what called them. */
  readonly exclude: readonly string[];
}

/** Leaves out stacks and frames of a profile. What is included is looked for before frames are left out. */
export function filterFrames(profile: Profile, { include, exclude }: FrameFilter): Profile {
  const labels = new FrameLabels(profile);
  const isExcluded = matcher(exclude, labels);
  const holds = stacksWith(profile, matcher(include, labels));
  return rewriteStacks(profile, {
    replace: (frame) => (isExcluded(frame) ? undefined : frame),
    ...(include.length > 0 ? { keeps: (_thread: number, stack: number) => holds[stack] === 1 } : {}),
  });
}

/** Leaves out the samples of threads that are not wanted. */
export function filterThreads(profile: Profile, isWanted: (thread: number) => boolean): Profile {
  return rewriteStacks(profile, { keeps: isWanted });
}

function matcher(patterns: readonly string[], labels: FrameLabels): (frame: ProfileFrame) => boolean {
  const tests = patterns.map((pattern) => frameTest(pattern, labels));
  return (frame) => tests.some((matches) => matches(frame));
}

function frameTest(pattern: string, labels: FrameLabels): (frame: ProfileFrame) => boolean {
  const [, kind, glob = pattern] = /^(module|file|function):(.*)$/su.exec(pattern) ?? [];
  const whole = globPattern(glob);
  const below = globPattern(`${glob}.*`);
  const isModule = (frame: ProfileFrame): boolean => {
    const module = labels.module(frame);
    return module !== '' && (whole.test(module) || below.test(module));
  };
  const isFile = (frame: ProfileFrame): boolean =>
    frame.file !== '' && (whole.test(frame.file) || whole.test(labels.file(frame)));
  const isFunction = ({ name }: ProfileFrame): boolean => whole.test(name);
  switch (kind) {
    case 'module':
      return isModule;
    case 'file':
      return isFile;
    case 'function':
      return isFunction;
    default:
      return (frame) => isFunction(frame) || isFile(frame) || isModule(frame);
  }
}

/** By stack 1 where it has a frame that matches. Callers come before what they call, so one pass is enough. */
function stacksWith({ stacks, frames }: Profile, matches: (frame: ProfileFrame) => boolean): Uint8Array {
  const isMatch = frames.map(matches);
  const holds = new Uint8Array(stacks.count);
  for (let node = EMPTY_STACK + 1; node < stacks.count; node += 1) {
    const isHeld = isMatch[stacks.frames[node] ?? 0] === true || holds[stacks.parents[node] ?? 0] === 1;
    holds[node] = isHeld ? 1 : 0;
  }
  return holds;
}
