import type { FormatOptions, ProfileFormat } from '../formats/format.ts';
import { type ReadProfile, readPyflight } from '../formats/pyflight-reader.ts';
import { FORMATS } from '../formats/registry.ts';
import { byFunction } from '../profile/by-function.ts';
import { filterFrames } from '../profile/filter-frames.ts';
import type { Profile } from '../profile/profile.ts';
import { withRoots } from '../profile/root-frames.ts';
import { readInputFile } from '../target/host.ts';

export type { ReadProfile } from '../formats/pyflight-reader.ts';
export { findFormat } from '../formats/registry.ts';
export { LiveProfile } from '../profile/live-profile.ts';
export { WindowGatherer } from '../profile/window-gatherer.ts';

/** How a profile is to be seen. */
export interface ProfileView {
  /** Functions in the place of lines. */
  readonly byFunction?: boolean;
  /** Stacks of each thread apart. */
  readonly byThread?: boolean;
  /** Stacks of each process apart; left out, of several that the format does not tell apart by itself. */
  readonly byProcess?: boolean;
  /** Only stacks with a frame that one of these patterns matches: `module:shop.*`, `file:*.py`, `function:load`, or any of them. */
  readonly include?: readonly string[];
  /** Frames that are left out, likewise. */
  readonly exclude?: readonly string[];
  /** Whole names of files in the place of what follows an entry of `sys.path`. */
  readonly wholeFileNames?: boolean;
}

/** A way to write a profile, as help tells it. */
export interface FormatFacts {
  readonly name: string;
  readonly endings: readonly string[];
  readonly summary: string;
}

/** Every way to write a profile. */
export function listFormats(): readonly FormatFacts[] {
  return FORMATS.map(({ name, endings, summary }) => ({ name, endings, summary }));
}

/** Makes another profile of one, which has what is wanted of it, and what a format wants. */
export function viewProfile(
  profile: Profile,
  view: ProfileView,
  format?: Pick<ProfileFormat, 'rootsProcesses'>,
): Profile {
  const isFamily = format?.rootsProcesses === true && profile.processes.length > 1;
  const { include = [], exclude = [], byProcess = isFamily, byThread = false } = view;
  let seen = profile;
  if (include.length + exclude.length > 0) seen = filterFrames(seen, { include, exclude });
  if (view.byFunction === true) seen = byFunction(seen);
  if (byProcess || byThread) seen = withRoots(seen, { byProcess, byThread });
  return view.wholeFileNames === true ? { ...seen, hasWholeFileNames: true } : seen;
}

/** Yields the file of a profile. Where two profiles are compared, their processes, which are others, are not kept apart. */
export function profileParts(
  profile: Profile,
  view: ProfileView,
  format: ProfileFormat,
  options: FormatOptions,
): Iterable<string | Uint8Array> {
  return format.write(
    viewProfile(profile, view, options.baseline === undefined ? format : undefined),
    options,
  );
}

/**
 * Reads a profile from a `.pyflight` file, as far as it goes.
 * @throws {CannotReadFileError | MalformedInputError | OtherVersionError} when there is none
 */
export function readProfile(path: string): ReadProfile {
  return readPyflight(readInputFile(path), path);
}
