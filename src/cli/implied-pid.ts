import { type Command, isTarget } from './command.ts';

/** Adds the process of a session to the words of a command that is about one; another pid, or a core, may be named. */
export function withImpliedPid(
  { arguments: specs }: Command,
  words: readonly string[],
  pid: number,
): readonly string[] {
  const [first] = Object.values(specs);
  const isAboutProcess = first !== undefined && (first.kind === 'pid' || isTarget(first));
  if (!isAboutProcess || /^[0-9]+$/.test(words[0] ?? '')) return words;
  const namesCore = words.some((word) => /^--cor?e?(=|$)/.test(word));
  return isTarget(first) && namesCore ? words : [`${pid}`, ...words];
}
