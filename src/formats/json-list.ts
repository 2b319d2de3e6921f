/** Writes a JSON array of parts that are JSON already, one part after the other. */
export function* jsonList(parts: Iterable<string>): Generator<string> {
  let before = '[';
  for (const part of parts) {
    yield `${before}${part}`;
    before = ',\n';
  }
  yield before === '[' ? '[]' : ']';
}
