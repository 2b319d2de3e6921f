import type { LackingFile } from '../model/lacking-file.ts';

/** As many are named in a sentence. */
const MOST_NAMED = 3;

/** What to say of the files that a core lacks: a sentence for those that are not here, and one for those that differ. */
export function* lackingFileSentences(files: readonly LackingFile[]): Generator<string> {
  const missing = files.filter(({ state }) => state === 'missing');
  const [first] = missing;
  if (missing.length === 1 && first !== undefined)
    yield `The file ${first.path} is not here, so what was not dumped of it is missing`;
  else if (missing.length > 1)
    yield `${missing.length} files are not here, so what was not dumped of them is missing: ${enumeration(missing)}`;
  const differing = files.filter(({ state }) => state === 'mismatching');
  const [other] = differing;
  if (differing.length === 1 && other !== undefined)
    yield `The file ${other.path} is another one than the process had, and is not used`;
  else if (differing.length > 1)
    yield `${differing.length} files are other ones than the process had, and are not used: ${enumeration(differing)}`;
}

/** Those of Python itself first, without which the most is missing. */
function enumeration(files: readonly LackingFile[]): string {
  const isOfPython = ({ path }: LackingFile): boolean => /\/(?:lib)?python[^/]*$/u.test(path);
  const sorted = [...files.filter(isOfPython), ...files.filter((file) => !isOfPython(file))];
  const named = sorted.slice(0, MOST_NAMED).map(({ path }) => path);
  const left = sorted.length - named.length;
  return left === 0 ? named.join(', ') : `${named.join(', ')} and ${left} more`;
}
