import { expect, test } from 'vitest';
import { frameColor, gainColor, ORIGIN_COLORS, originColor } from './frame-color.ts';

/** Relative luminance; WCAG 2.2. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('frameColor() is the same for the same name, and differs between names', () => {
  expect(frameColor('own', 'handle')).toBe(frameColor('own', 'handle'));
  const colors = new Set(Array.from({ length: 40 }, (_, index) => frameColor('own', `handle_${index}`)));
  expect(colors.size).toBeGreaterThan(30);
});

test('black text can be read on every colour', () => {
  for (const origin of ['own', 'package', 'standard', 'native', 'other'] as const) {
    expect(ORIGIN_COLORS[origin].title).not.toBe('');
    for (const color of [originColor(origin), ...Array.from('abcdefgh', (name) => frameColor(origin, name))])
      expect((luminance(color) + 0.05) / 0.05).toBeGreaterThan(4.5);
  }
  for (const gain of [-1, -0.01, 0, 0.01, 1])
    expect((luminance(gainColor(gain)) + 0.05) / 0.05).toBeGreaterThan(4.5);
});

test('gainColor() is red for what grew, blue for what shrank, grey for what did neither', () => {
  const channels = (gain: number) =>
    [1, 3, 5].map((at) => Number.parseInt(gainColor(gain).slice(at, at + 2), 16));
  const [red = 0, , blueOfGrown = 0] = channels(0.1);
  const [redOfShrunk = 0, , blue = 0] = channels(-0.1);
  expect(red).toBeGreaterThan(blueOfGrown + 50);
  expect(blue).toBeGreaterThan(redOfShrunk + 50);
  expect(new Set(channels(0)).size).toBe(1);
});
