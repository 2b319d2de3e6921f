/** What JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** Writes a number so that it can be read back: what JSON has no number for (`NaN`, `-0`) becomes a string. */
export function numberToJson(value: number): JsonValue {
  if (Object.is(value, -0)) return '-0';
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21) return `${value}`;
  return Number.isFinite(value) ? value : `${value}`;
}

/** Writes what may be absent; absent is `null`, so that every document has the same fields. */
export function optionalToJson<Value>(
  value: Value | undefined,
  toJson: (value: Value) => JsonValue,
): JsonValue {
  return value === undefined ? null : toJson(value);
}
