import { wrap } from '../../report/wrapping.ts';

/** Where a meaning stands: in a column of its own, unless that would be narrower than this. */
export interface MeaningColumn {
  readonly indent: number;
  readonly columns: number;
  readonly narrowest: number;
}

/** A term and what it means beside it, or below it where there is no room for a column. */
export function* termLines(
  term: string,
  meaning: string,
  { indent, columns, narrowest }: MeaningColumn,
): Generator<string> {
  if (columns - indent < narrowest) {
    yield `  ${term}`;
    yield* wrap(meaning, '      ', columns);
    return;
  }
  const [first = '', ...others] = wrap(meaning, ' '.repeat(indent), columns);
  yield `  ${term}`.padEnd(indent) + first.trimStart();
  yield* others;
}
