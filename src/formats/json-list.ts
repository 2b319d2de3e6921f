/** Parts are handed on together, since each costs the one who writes it a system call. */
const LEAST_LENGTH = 65_536;

/** Writes a JSON array of parts that are JSON already, some at a time: a text has an end at half a gigabyte in V8. */
export function* jsonList(parts: Iterable<string>): Generator<string> {
  let text = '[';
  let separator = '';
  for (const part of parts) {
    text += separator + part;
    separator = ',\n';
    if (text.length < LEAST_LENGTH) continue;
    yield text;
    text = '';
  }
  yield `${text}]`;
}
