import { expect, test } from 'vitest';
import { bootstrapText } from './bootstrap.ts';

test('bootstrapText() is ASCII of at most 640 bytes, in the longest directory too', () => {
  const text = bootstrapText('/run/user/4294967294/pyflight-4194304-ffffffff', 4194304);
  expect(text).toMatch(/^[\n -~]*$/u);
  expect(text.length).toBeLessThanOrEqual(640);
});
