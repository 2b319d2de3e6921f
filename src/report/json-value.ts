/** What JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A document, or a part of one with names. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** What a terminal takes as more than text; JSON itself leaves it as it is, but for the first of these (C0). */
const UNSAFE_IN_TERMINAL = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Writes a document on one line, or indented on many. Strings of the target cannot reach the terminal's own codes. */
export function formatJson(value: JsonValue, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(
    UNSAFE_IN_TERMINAL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

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
