import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Screen } from './screen.ts';

/** A screen, and what is written for each thing that is drawn on it. */
function makeScreen() {
  const output = new PassThrough({ encoding: 'utf8' });
  const screen = new Screen(output);
  const draw = (...lines: readonly string[]): string => {
    screen.draw(lines);
    return output.read() ?? '';
  };
  return { screen, draw };
}

const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';

test('Screen.draw() writes what is other than before, at its place, and nothing when all is as it was', () => {
  const { draw } = makeScreen();
  expect(draw('one', '', 'three')).toBe(
    `${BEGIN}\u001b[2J\u001b[1;1H\u001b[2Kone\u001b[3;1H\u001b[2Kthree${END}`,
  );
  expect(draw('one', 'two', 'three')).toBe(`${BEGIN}\u001b[2;1H\u001b[2Ktwo${END}`);
  expect(draw('one', 'two', 'three')).toBe('');
  expect(draw('one')).toBe(`${BEGIN}\u001b[2;1H\u001b[2K\u001b[3;1H\u001b[2K${END}`);
});

test('Screen.draw() writes all anew when nobody knows what is shown', () => {
  const { screen, draw } = makeScreen();
  draw('one');
  screen.forget();
  expect(draw('one')).toContain('\u001b[2J\u001b[1;1H\u001b[2Kone');
});
