import { expect, test } from 'vitest';
import { cutToWidth, displayWidth } from './display-width.ts';

test.each([
  ['', 0],
  ['python3', 7],
  ['é', 1],
  ['e\u0301', 1],
  ['数据', 4],
  ['ﾃｽﾄ', 3],
  ['テスト', 6],
  ['서버', 4],
  ['Ａ', 2],
  ['😀', 2],
  ['€—…', 3],
])('displayWidth() of %s is %d cells', (text, expected) => {
  expect(displayWidth(text)).toBe(expected);
});

test.each([
  ['python3', 7, 'python3'],
  ['python3', 6, 'pytho…'],
  ['数据数据', 8, '数据数据'],
  ['数据数据', 6, '数据…'],
  ['数据数据', 5, '数据…'],
  ['数据数据', 4, '数…'],
  ['python3', 1, '…'],
  ['python3', 0, ''],
  ['', 0, ''],
])('cutToWidth() cuts %s to %d cells', (text, width, expected) => {
  expect(cutToWidth(text, width)).toBe(expected);
  expect(displayWidth(cutToWidth(text, width))).toBeLessThanOrEqual(width);
});
