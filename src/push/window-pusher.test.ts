import { expect, test } from 'vitest';
import type { HttpAnswer, HttpPost } from '../base/ports.ts';
import { CannotPushError } from '../base/server-errors.ts';
import { type PusherParts, WindowPusher } from './window-pusher.ts';

const destination = { url: 'http://host:4040/push', contentType: 'application/proto' };

/** A server that answers these one after the other, the last one again and again, and a clock that stands still. */
function scene(...answers: readonly (number | Partial<HttpAnswer> | 'away')[]) {
  const sent: string[] = [];
  const naps: number[] = [];
  const post: HttpPost = async ({ body }) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)] ?? 200;
    sent.push(Buffer.from(body).toString());
    if (answer === 'away')
      throw new CannotPushError('http://host:4040/push', 'unreachable', 'nobody listens there');
    return typeof answer === 'number' ? answerOf(answer) : answerOf(200, answer);
  };
  const wait = async (ms: number): Promise<void> => {
    naps.push(ms);
  };
  return { sent, naps, pusher: makePusher(post, wait) };
}

/** A pusher to a server that does with what it is sent what is wanted. */
function makePusher(post: HttpPost, wait: PusherParts['wait'] = async () => undefined): WindowPusher {
  return new WindowPusher({ destination, headers: {}, post, wait, random: () => 1 });
}

function answerOf(status: number, more: Partial<HttpAnswer> = {}): HttpAnswer {
  return { status, retryAfterMs: undefined, location: undefined, body: new Uint8Array(), ...more };
}

const window = (text: string): Uint8Array => Buffer.from(text);

test('WindowPusher sends windows one after the other, and counts them', async () => {
  const { sent, pusher } = scene(200);
  for (const text of ['one', 'two', 'three']) pusher.add(window(text));
  await pusher.finish(1000);
  expect(sent).toEqual(['one', 'two', 'three']);
  expect(pusher.counts).toEqual({
    sent: 3,
    sentBytes: 11,
    waiting: 0,
    dropped: 0,
    refused: 0,
    failure: undefined,
  });
});

test('WindowPusher tries again what could not be taken, later each time, and keeps the order', async () => {
  const { sent, naps, pusher } = scene('away', 503, 503, { status: 429, retryAfterMs: 90_000 }, 200);
  pusher.add(window('one'));
  pusher.add(window('two'));
  while (pusher.counts.waiting > 0) await Promise.resolve();
  expect(sent).toEqual(['one', 'one', 'one', 'one', 'one', 'two']);
  expect(naps).toEqual([1000, 2000, 4000, 90_000]);
  expect(pusher.counts).toMatchObject({ sent: 2, dropped: 0, failure: undefined });
});

test('WindowPusher does not rest longer than a minute, or five where the server asks for that', async () => {
  const { naps, pusher } = scene(...new Array<number>(9).fill(503), { status: 503, retryAfterMs: 1e9 }, 200);
  pusher.add(window('one'));
  while (pusher.counts.waiting > 0) await Promise.resolve();
  expect(naps.slice(5)).toEqual([32_000, 60_000, 60_000, 60_000, 300_000]);
});

test('WindowPusher leaves out what the server refuses, and goes on', async () => {
  const { sent, pusher } = scene(400, 200);
  pusher.add(window('bad'));
  pusher.add(window('good'));
  await pusher.finish(1000);
  expect(sent).toEqual(['bad', 'good']);
  expect(pusher.counts).toMatchObject({ sent: 1, refused: 1, dropped: 0, failure: undefined });
});

test('WindowPusher drops the oldest that is not under way when there is no more room', async () => {
  let answer: (status: number) => void = () => undefined;
  const bodies: string[] = [];
  const post: HttpPost = async ({ body }) => {
    bodies.push(Buffer.from(body).toString('latin1', 0, 3));
    const status = await new Promise<number>((resolve) => {
      answer = resolve;
    });
    return answerOf(status);
  };
  const pusher = makePusher(post);
  const large = (name: string) => Buffer.alloc(7 * 1024 * 1024, name);
  for (const name of ['one', 'two', 'thr']) pusher.add(large(name));
  expect(pusher.counts).toMatchObject({ waiting: 2, dropped: 1 });
  const ended = pusher.finish(60_000);
  answer(200);
  while (bodies.length < 2) await Promise.resolve();
  answer(200);
  await ended;
  expect([bodies, pusher.counts.sent]).toEqual([['one', 'thr'], 2]);
});

test('WindowPusher has an end in number too', () => {
  const post: HttpPost = () => new Promise(() => undefined);
  const pusher = makePusher(post);
  for (let at = 0; at < 400; at += 1) pusher.add(window(`${at}`));
  expect(pusher.counts).toMatchObject({ waiting: 360, dropped: 40 });
});

test('WindowPusher.finish() gives up at its limit, and says what is lost', async () => {
  const post: HttpPost = ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () =>
        reject(new CannotPushError('http://host', 'unreachable', 'it does not answer in time')),
      );
    });
  const pusher = makePusher(post);
  pusher.add(window('one'));
  pusher.add(window('two'));
  void pusher.finish(60_000);
  await pusher.finish(10);
  expect(pusher.counts).toMatchObject({
    sent: 0,
    waiting: 0,
    dropped: 2,
    failure: 'it does not answer in time',
  });
});

test.each([
  [404, 'no-endpoint'],
  [401, 'unauthorized'],
  ['away', 'unreachable'],
] as const)('WindowPusher.probe() finds a server that answers %s', async (answer, obstacle) => {
  await expect(scene(answer).pusher.probe()).rejects.toMatchObject({ code: 'cannot-push', obstacle });
});

test.each([200, 400, 503])(
  'WindowPusher.probe() takes a server that answers %i to nothing',
  async (status) => {
    const { sent, pusher } = scene(status);
    await pusher.probe();
    expect(sent).toEqual(['']);
  },
);
