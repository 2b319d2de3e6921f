import type { Address } from '../../base/address.ts';
import type { TaskOrigin } from '../../model/async-task.ts';
import { readListItems } from '../objects/sequences.ts';
import { type AsyncioSource, withoutNone } from './asyncio-source.ts';

/** Of a longer traceback the outermost lines are left out. */
const MOST_LINES = 100;
const MOST_ATTRIBUTES = 20;

/** Reads where a task was made: the `traceback.StackSummary` that a loop in debug mode keeps, outermost first. */
export function readOrigin(source: AsyncioSource, summary: Address): readonly TaskOrigin[] {
  const { items } = readListItems(source, summary, 10 * MOST_LINES);
  return items.slice(-MOST_LINES).flatMap((item) => (item === undefined ? [] : readLine(source, item)));
}

/** A `traceback.FrameSummary`, whose attributes are in slots. */
function readLine(source: AsyncioSource, summary: Address): readonly TaskOrigin[] {
  const { items } = source.attributes(summary, MOST_ATTRIBUTES);
  const found = new Map(items.map(({ name, value }) => [name, value] as const));
  const [filename, name] = [found.get('filename'), found.get('name')];
  if (filename === undefined || name === undefined) return [];
  const line = withoutNone(source, found.get('lineno'));
  return [
    {
      filename: source.readText(filename),
      line: line === undefined ? undefined : Number(source.readInteger(line)),
      name: source.readText(name),
    },
  ];
}
