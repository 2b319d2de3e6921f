import { escapeForTerminal } from '../base/escaping.ts';
import { formatShare } from '../base/quantities.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import { globPattern } from '../profile/glob-pattern.ts';
import type { Profile } from '../profile/profile.ts';
import { type HotFile, hotFiles } from '../profile/source-heat.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import type { FormatOptions, ProfileFormat } from './format.ts';
import { shownLines } from './shown-lines.ts';

/** Files that are shown where none is named: those that matter, and not too many. */
const MOST_FILES = 8;
const LEAST_SHARE = 0.01;
/** Lines around one that was seen. */
const AROUND = 3;
/** Eighths of a block, so that a bar of eight cells has 64 lengths. */
const BLOCKS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;
const BAR_CELLS = 8;

/** The lines of source files with their shares, as text. */
export const heatmap: ProfileFormat = {
  name: 'heatmap',
  aliases: ['lines'],
  endings: ['.heatmap', '.heatmap.txt'],
  summary: 'source lines with their shares, as text',
  write,
};

function* write(profile: Profile, options: FormatOptions): Generator<string> {
  const tree = new WeightedTree(profile);
  const labels = new FrameLabels(profile);
  const files = wantedFiles(hotFiles(tree), tree.whole.looks, options);
  if (files.length === 0) yield 'No line of such a file was seen.\n';
  for (const [index, file] of files.entries()) {
    if (index > 0) yield '\n';
    yield `${escapeForTerminal(file.file)}: ${formatShare(file.own, tree.whole.looks)} of all samples\n`;
    yield* fileLines(file, tree.whole.looks, options.sourceOf?.(file.file));
  }

  function wantedFiles(all: readonly HotFile[], whole: number, { files: patterns = [] }: FormatOptions) {
    if (patterns.length === 0)
      return all.filter(({ own }) => own > 0 && own >= whole * LEAST_SHARE).slice(0, MOST_FILES);
    const globs = patterns.map(globPattern);
    const shortName = (file: string): string =>
      labels.file({ kind: 'python', name: '', file, firstLine: 0, line: 0 });
    return all.filter(({ file }) => globs.some((glob) => glob.test(file) || glob.test(shortName(file))));
  }
}

function* fileLines(file: HotFile, whole: number, source: readonly string[] | undefined): Generator<string> {
  const most = Math.max(1, ...file.lines.map(({ own }) => own));
  yield `${'own'.padStart(7)} ${'total'.padStart(7)} ${'line'.padStart(6)}\n`;
  let before = 0;
  for (const { line, own, total, text } of shownLines(file, source, AROUND)) {
    if (before > 0 && line > before + 1) yield `${'…'.padStart(22)}\n`;
    before = line;
    const shares = [own, total].map((looks) => (looks === 0 ? '' : formatShare(looks, whole)).padStart(7));
    yield `${shares.join(' ')} ${`${line}`.padStart(6)} ${bar(own / most).padEnd(BAR_CELLS)} ${text}`.trimEnd();
    yield '\n';
  }
}

function bar(part: number): string {
  const eighths = Math.round(part * BAR_CELLS * 8);
  return `${'█'.repeat(Math.floor(eighths / 8))}${BLOCKS[eighths % 8] ?? ''}`;
}
