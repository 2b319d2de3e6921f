import { MalformedInputError } from '../../base/errors.ts';

/** A run of user ids in a user namespace and what they are outside of it. */
export interface UidRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/**
 * The rows of /proc/PID/uid_map, `outside` being as our own namespace counts.
 * @throws {MalformedInputError} for a row of another form
 */
//          0     100000      65536
export function parseUidMap(text: string): readonly UidRange[] {
  const rows = text.split('\n').filter((row) => row.trim() !== '');
  return rows.map((row) => {
    const match = /^ *(\d+) +(\d+) +(\d+)$/u.exec(row);
    if (match === null)
      throw new MalformedInputError('/proc/PID/uid_map', text.indexOf(row), 'row is not a range');
    return { inside: Number(match[1]), outside: Number(match[2]), count: Number(match[3]) };
  });
}
