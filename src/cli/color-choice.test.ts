import { expect, test } from 'vitest';
import { wantsColor } from './color-choice.ts';

test.each([
  ['on a terminal', {}, true, true],
  ['not in a pipe', {}, false, false],
  ['not with NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['in spite of an empty NO_COLOR', { NO_COLOR: '' }, true, true],
  ['in a pipe with FORCE_COLOR', { FORCE_COLOR: '1' }, false, true],
  ['not with FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ['not with both', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['not on a dumb terminal', { TERM: 'dumb' }, true, false],
])('wantsColor() %s', (_, environment, isTerminal, expected) => {
  expect(wantsColor(environment, isTerminal)).toBe(expected);
});
