import type { Finding, SourceText } from './source-text.ts';

// Built from parts, so that this file does not hold what it looks for.
const MACHINE_FOLDERS = ['root', 'home', 'work'].join('|');
/** Home folders that are nobody's: examples in tests and documents use them. */
const EXAMPLE_HOMES = ['app', 'me', 'user'].join('|');
// The root of a process below /proc and `https://host/home/x` are no folders of a machine: a path begins there, or not.
const MACHINE_PATH = new RegExp(
  `(?<![\\w.~)\\]}>*:-])/(?:${MACHINE_FOLDERS})/(?!(?<=/${'home'}/)(?:${EXAMPLE_HOMES})\\b)[^\\s\`'")]*`,
  'g',
);
const LEFT_BEHIND = new RegExp(
  `\\b(?:${[
    ['FIX', 'ME'],
    ['TO', 'DO'],
    ['XX', 'X'],
    ['NO', 'COMMIT'],
    ['DO NOT', ' MERGE'],
    ['PRIVATE', ' KEY'],
    ['gh', 'p_\\w+'],
    ['npm', '_\\w{30,}'],
  ]
    .map((parts) => parts.join(''))
    .join('|')})\\b`,
  'g',
);

/** Refuses what belongs to the machine or the day that a file was written on: its paths, its secrets, notes to oneself. */
export function checkLeaks(files: readonly SourceText[]): readonly Finding[] {
  return files.flatMap((file) =>
    file.text.split('\n').flatMap((line, index) => [
      ...findIn(line, MACHINE_PATH).map((path) => ({
        file: file.path,
        line: index + 1,
        rule: `${path} is a path of one machine`,
      })),
      ...findIn(line, LEFT_BEHIND).map((words) => ({
        file: file.path,
        line: index + 1,
        rule: `"${words}" was left behind`,
      })),
    ]),
  );
}

function findIn(line: string, pattern: RegExp): readonly string[] {
  return [...line.matchAll(pattern)].map(([match]) => match);
}
