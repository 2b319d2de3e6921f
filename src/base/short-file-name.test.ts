import { expect, test } from 'vitest';
import { shortFileName } from './short-file-name.ts';

test.each([
  ['/app/shop/cart.py', ['/app'], 'shop/cart.py'],
  ['/app/shop/cart.py', ['/app/', '/app/shop'], 'cart.py'],
  ['/app/shop/cart.py', ['', '/appl', '/usr/lib'], '/app/shop/cart.py'],
  ['/app', ['/app'], '/app'],
  ['<string>', ['/app'], '<string>'],
])('shortFileName() of %s by %j is %s', (file, searchPath, short) => {
  expect(shortFileName(file, searchPath)).toBe(short);
});
