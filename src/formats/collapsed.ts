import { escapeForTerminal } from '../base/escaping.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import type { Profile } from '../profile/profile.ts';
import { frameIndices } from '../profile/stack-tree.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import type { ProfileFormat } from './format.ts';

/** Stacks without a frame, which would be lines without a stack. */
const NO_FRAMES = '(no Python frames)';

/** A line for each stack, `main (app.py:3);load (db.py:12) 40`, as py-spy's raw format has it. */
export const collapsed: ProfileFormat = {
  name: 'collapsed',
  aliases: ['raw', 'folded'],
  endings: ['.collapsed', '.folded', '.raw', '.txt'],
  rootsProcesses: true,
  summary: 'a line for each stack with its number of samples, as flamegraph.pl and py-spy have it',
  write: collapsedLines,
};

function* collapsedLines(profile: Profile): Generator<string> {
  const labels = new FrameLabels(profile);
  const tree = new WeightedTree(profile);
  const parts = profile.frames.map((frame) => collapsedPart(labels.label(frame)));
  const lines = new Map<string, number>();
  for (const stack of tree.seen()) {
    const line = stackParts(tree, stack, parts).join(';') || NO_FRAMES;
    // Two frames may be called alike: the same line of functions that begin at different ones.
    lines.set(line, (lines.get(line) ?? 0) + tree.own(stack).looks);
  }
  for (const [line, looks] of lines) yield `${line} ${looks}\n`;
}

/** The parts of a line that the frames of a stack are, the outermost call first. */
export function stackParts(
  { stacks }: Pick<Profile, 'stacks'>,
  stack: number,
  parts: readonly string[],
): readonly string[] {
  return frameIndices(stacks, stack).map((frame) => parts[frame] ?? '');
}

/** Makes a text safe between semicolons: `;` becomes `\x3b`, and what would end a line is escaped too. */
export function collapsedPart(text: string): string {
  return escapeForTerminal(text).replaceAll(';', String.raw`\x3b`);
}
