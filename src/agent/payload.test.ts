import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { payloadText } from './payload.ts';
import { LATER_PARTS, PART_BREAK, PAYLOAD_PARTS } from './payload-parts.ts';

test('payloadText() is the settings and the files of python/ that are not sent later, each once', () => {
  const files = readdirSync(new URL('./python/', import.meta.url)).filter((name) => name.endsWith('.py'));
  expect([...PAYLOAD_PARTS, ...LATER_PARTS].sort()).toEqual(
    files.map((name) => name.slice(0, -'.py'.length)).sort(),
  );
  const [head, ...parts] = payloadText({ directory: '/tmp/x', version: '1.2.3', lease: 15 }).split(
    PART_BREAK,
  );
  expect(head).toBe('SETTINGS = {"directory":"/tmp/x","version":"1.2.3","lease":15}\n');
  expect(parts).toHaveLength(PAYLOAD_PARTS.length);
});
