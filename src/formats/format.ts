import { escapeForTerminal } from '../base/escaping.ts';
import type { Profile } from '../profile/profile.ts';

/** What a format may be told beside the profile. */
export interface FormatOptions {
  /** Who writes it: `pyflight 0.1.0`. */
  readonly producer: string;
  /** Stands above pictures; the command line otherwise. */
  readonly title?: string;
  /** The lines of a source file as the target sees it; `undefined` where it cannot be read. */
  readonly sourceOf?: (file: string) => readonly string[] | undefined;
  /** Of a heat map the files that are wanted, by pattern; those where most was seen otherwise. */
  readonly files?: readonly string[];
  /** A profile to compare with, for the formats that compare profiles. */
  readonly baseline?: Profile;
  /** Times in the place of counts (`pyflame` alone): a line for each look, in their order. */
  readonly isFlameChart?: boolean;
  /** Leaves out how often nothing ran (`pyflame` alone). */
  readonly excludesIdle?: boolean;
}

/** A way to write a profile. */
export interface ProfileFormat {
  readonly name: string;
  /** Other words for it, as other profilers have. */
  readonly aliases?: readonly string[];
  /** Of files that are written so, with the dot. */
  readonly endings: readonly string[];
  /** Of several processes each gets a frame below its stacks; other formats tell them apart in ways of their own. */
  readonly rootsProcesses?: true;
  /** It can show what is different from another profile. */
  readonly comparesProfiles?: true;
  /** One line for help. */
  readonly summary: string;
  /** Yields the file part by part. */
  readonly write: (profile: Profile, options: FormatOptions) => Iterable<string | Uint8Array>;
}

/** The command line of the program, or of the first of several, without what a terminal would obey. */
export function titleOf({ processes }: Profile, { title }: Pick<FormatOptions, 'title'>): string {
  if (title !== undefined) return title;
  const [first, ...others] = processes;
  const commandLine = escapeForTerminal(first?.commandLine.join(' ') ?? '');
  const name = commandLine === '' ? `process ${first?.pid ?? '?'}` : commandLine;
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}
