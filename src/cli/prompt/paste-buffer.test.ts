import { expect, test } from 'vitest';
import { PasteBuffer } from './paste-buffer.ts';

const START = { name: 'paste-start' };
const END = { name: 'paste-end' };

test('PasteBuffer.take() leaves alone what is typed', () => {
  const buffer = new PasteBuffer();
  expect(buffer.take('a', { name: 'a' })).toBeUndefined();
  buffer.take(undefined, START);
  buffer.take(undefined, END);
  expect(buffer.take('a', { name: 'a' })).toBeUndefined();
});

test('PasteBuffer.take() gives whole lines as they end, the rest at the end, and no control characters', () => {
  const buffer = new PasteBuffer();
  const taken = [
    buffer.take(undefined, START),
    ...['s', '\t', '数', '\u0003', '\u001b'].map((text) => buffer.take(text, {})),
    buffer.take(undefined, { name: 'up' }),
    buffer.take('\r', { name: 'return' }),
    buffer.take('x', {}),
    buffer.take(undefined, END),
  ];
  expect(taken.filter((pasted) => pasted?.text !== '' || pasted.isLine)).toEqual([
    { text: 's 数', isLine: true },
    { text: 'x', isLine: false },
  ]);
});
