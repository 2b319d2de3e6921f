import { formatCount, formatNanoseconds, formatShare } from '../base/quantities.ts';
import { formatPythonVersion } from '../model/python-version.ts';
import { accountLines } from '../profile/account-summary.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import { type FunctionRow, functionRows, lineRows } from '../profile/function-table.ts';
import type { Profile } from '../profile/profile.ts';
import { titleAmong } from '../profile/root-frames.ts';
import { type ThreadRow, threadRows } from '../profile/thread-table.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import { type FormatOptions, type ProfileFormat, titleOf } from './format.ts';
import { markdownCode, markdownTable } from './markdown-text.ts';

/** Rows of each table: what comes after these matters to nobody. */
const MOST_ROWS = 25;
/** Branches of the tree below this part of the whole are left out, and so is what is deeper than so many calls. */
const LEAST_BRANCH = 0.02;
const MOST_BRANCHES = 150;
const DEEPEST_BRANCH = 40;

/** A report for people and language models: how it was sampled, hot functions, hot lines, the tree, the threads. */
export const markdown: ProfileFormat = {
  name: 'markdown',
  aliases: ['md', 'report'],
  endings: ['.md', '.markdown'],
  rootsProcesses: true,
  summary: 'a report to read: hot functions, hot lines, the tree of calls, threads',
  write,
};

function* write(profile: Profile, options: FormatOptions): Generator<string> {
  const tree = new WeightedTree(profile);
  const labels = new FrameLabels(profile);
  yield* preamble(profile, options);
  yield* functionTable('Hot functions', 'function', functionRows(tree), { tree, labels });
  yield* functionTable(
    'Hot lines',
    'line',
    lineRows(tree).filter(({ own }) => own.looks > 0),
    { tree, labels },
  );
  yield '## Tree of calls\n\nWith what each calls; a share is of all samples. ';
  yield `Branches below ${LEAST_BRANCH * 100} % are left out.\n\n`;
  yield* treeLines(tree, labels);
  yield* threadTable(threadRows(profile), profile);
}

function* preamble(profile: Profile, options: FormatOptions): Generator<string> {
  yield `# Profile of ${markdownCode(titleOf(profile, options))}\n\n`;
  yield 'Stacks of the running program were looked at many times, and what was seen is counted here. ';
  yield '*Own* is what was seen of a function itself, *total* adds what it called. ';
  yield 'A share of n % means that n % of all looks found it, give or take chance: below 20 samples a share says little.\n\n';
  for (const { pid, commandLine, python } of profile.processes)
    yield `- process ${pid}: ${markdownCode(commandLine.join(' '))}, Python ${formatPythonVersion(python)}\n`;
  for (const { subject, state } of accountLines(profile.account)) yield `- ${subject}: ${state}\n`;
  yield `- written by: ${options.producer}\n\n`;
}

interface Seen {
  readonly tree: WeightedTree;
  readonly labels: FrameLabels;
}

function* functionTable(
  title: string,
  subject: string,
  rows: readonly FunctionRow[],
  { tree, labels }: Seen,
): Generator<string> {
  yield `## ${title}\n\n`;
  const share = (looks: number): string => formatShare(looks, tree.whole.looks);
  yield* markdownTable(
    ['own', 'total', 'own time', 'samples', subject],
    rows
      .slice(0, MOST_ROWS)
      .map(({ frame, own, total }) => [
        share(own.looks),
        share(total.looks),
        formatNanoseconds(own.ns),
        formatCount(own.looks),
        `${markdownCode(labels.name(frame))} ${placeOf(labels.place(frame))}`.trimEnd(),
      ]),
  );
  if (rows.length > MOST_ROWS) yield `\n${formatCount(rows.length - MOST_ROWS)} more were seen.\n`;
  yield '\n';
}

function placeOf(place: string): string {
  return place === '' ? '' : markdownCode(place);
}

function* treeLines(tree: WeightedTree, labels: FrameLabels): Generator<string> {
  const { looks: whole } = tree.whole;
  let branches = 0;
  for (const { stack, depth } of tree.walk()) {
    const frame = tree.frame(stack);
    const { looks } = tree.total(stack);
    if (frame === undefined || looks < whole * LEAST_BRANCH || depth > DEEPEST_BRANCH) continue;
    branches += 1;
    if (branches > MOST_BRANCHES) break;
    const own = tree.own(stack).looks;
    const itself = own > 0 && own < looks ? `, own ${formatShare(own, whole)}` : '';
    yield `${'  '.repeat(depth - 1)}- ${formatShare(looks, whole)}${itself} ${markdownCode(labels.label(frame))}\n`;
  }
  if (branches === 0) yield 'Nothing was seen.\n';
  if (branches > MOST_BRANCHES) yield '- and so on\n';
  yield '\n';
}

function* threadTable(rows: readonly ThreadRow[], profile: Profile): Generator<string> {
  yield '## Threads\n\n';
  yield* markdownTable(
    ['samples', 'on a CPU', 'with the GIL', 'waits for the GIL', 'collects garbage', 'thread'],
    rows.map(({ thread, looks, ns, ...states }) => [
      formatCount(looks),
      formatShare(states.onCpuNs, ns),
      formatShare(states.holdsGilNs, ns),
      formatShare(states.waitsForGilNs, ns),
      formatShare(states.collectsNs, ns),
      markdownCode(titleAmong(profile, thread)),
    ]),
  );
}
