import { expect, test } from 'vitest';
import { verdictOf } from './answer.ts';

function answer(status: number, body: string | Uint8Array = '', more = {}) {
  return { status, retryAfterMs: undefined, location: undefined, body: Buffer.from(body), ...more };
}

test.each([
  [200, 'taken'],
  [204, 'taken'],
  [429, 'later'],
  [500, 'later'],
  [503, 'later'],
  [400, 'refused'],
  [413, 'refused'],
])('verdictOf() an answer with status %i is %s', (status, kind) => {
  expect(verdictOf(answer(status))).toMatchObject({ kind });
});

test.each([
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [404, 'no-endpoint'],
  [405, 'no-endpoint'],
  [302, 'no-endpoint'],
  [422, 'refused'],
])('verdictOf() an answer with status %i says %s', (status, obstacle) => {
  expect(verdictOf(answer(status))).toMatchObject({ obstacle });
});

test('verdictOf() repeats what the server says, in a line, and no page', () => {
  const stateOf = (...[status, body, more]: Parameters<typeof answer>) => {
    const verdict = verdictOf(answer(status, body, more));
    return verdict.kind === 'taken' ? '' : verdict.state;
  };
  expect(stateOf(404, 'page not\n found\u001b[31m')).toBe('it answers 404: page not found\\x1b[31m');
  expect(stateOf(400, '{"code":"invalid_argument","message":"no labels"}')).toBe('it answers 400: no labels');
  expect(stateOf(502, '<html><h1>Bad Gateway</h1></html>')).toBe('it answers 502');
  expect(stateOf(301, 'x', { location: 'https://host/' })).toBe('it answers 301: it is at https://host/');
  expect(stateOf(400, 'x'.repeat(9999)).length).toBeLessThan(200);
});

test('verdictOf() knows a server of OTLP that takes the request and not the profile', () => {
  const partial = Uint8Array.of(0x0a, 0x06, 0x08, 0x01, 0x12, 0x02, 0x6e, 0x6f);
  expect(verdictOf(answer(200, partial))).toMatchObject({ kind: 'refused' });
  for (const body of [
    [0x0a, 0x00],
    [0x0a, 0x02, 0x08, 0x00],
    [0x0a, 0x80],
  ])
    expect(verdictOf(answer(200, Uint8Array.from(body)))).toEqual({ kind: 'taken' });
});
