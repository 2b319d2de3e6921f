import { expect, test } from 'vitest';
import { formatJson } from './json-value.ts';

test('formatJson() leaves a terminal nothing to obey', () => {
  const value = { name: '\u001b[1m\u007f\u009b\u2028\u202e\u2066é函\u{1f600}\n' };
  const text = formatJson(value, 2);
  expect(text).toBe('{\n  "name": "\\u001b[1m\\u007f\\u009b\\u2028\\u202e\\u2066é函\u{1f600}\\n"\n}');
  expect(JSON.parse(text)).toEqual(value);
});
