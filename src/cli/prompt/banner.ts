import { escapeForTerminal } from '../../base/escaping.ts';
import { formatSeconds } from '../../base/quantities.ts';
import type { PythonProcess } from '../../model/python-process.ts';
import { formatPythonVersion } from '../../model/python-version.ts';
import type { ProcessFacts } from '../../model/snapshot.ts';
import { cutToWidth } from '../../report/display-width.ts';
import type { Style } from '../../report/style.ts';
import { joinShellWords } from '../shell-words.ts';

/** What a prompt opens on, and how it may look. */
export interface BannerFacts {
  readonly programName: string;
  readonly version: string;
  readonly facts: ProcessFacts;
  /** What its files tell beside; absent when they cannot be read. */
  readonly process: PythonProcess | undefined;
  readonly canPause: boolean;
  readonly style: Style;
  readonly columns: number | undefined;
}

const LABEL_COLUMNS = 9;

/** Renders what a prompt begins with: which process it is about, and what can be done to it. */
export function* bannerLines(banner: BannerFacts): Generator<string> {
  const { programName, version, facts, process, canPause, style, columns } = banner;
  yield style.bold(`${programName} ${version}`);
  const rows: readonly (readonly [label: string, value: string])[] = [
    ['process', processWords(facts, process)],
    ['python', `${formatPythonVersion(facts.python)} ${facts.executable}`],
    ['command', joinShellWords(facts.commandLine)],
    [
      'access',
      canPause
        ? 'L0 reads memory, L1 stops it for 1 ms, L2 to L4 run code in it'
        : 'L0 reads memory (--no-block)',
    ],
  ];
  for (const [label, value] of rows) {
    const line = escapeForTerminal(value);
    const shown = columns === undefined ? line : cutToWidth(line, columns - LABEL_COLUMNS - 1);
    yield `${style.faint(label.padEnd(LABEL_COLUMNS))}${shown}`;
  }
  yield 'Type help for commands, exit to leave.';
}

function processWords({ pid, innerPid }: ProcessFacts, process: PythonProcess | undefined): string {
  const inner = innerPid === undefined ? '' : ` (${innerPid} inside)`;
  if (process === undefined) return `${pid}${inner}`;
  return `${pid}${inner} of ${process.user}, up ${formatSeconds(process.uptimeSeconds)}`;
}
