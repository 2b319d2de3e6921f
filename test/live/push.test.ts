import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { readOtlpProfiles, readPyroscopePush, type SentProfile } from '../support/profile-messages.ts';
import { ProfileServer } from '../support/profile-server.ts';
import { RunningPerf } from '../support/running-perf.ts';
import { violations } from '../support/schemas.ts';
import { startTarget, type Target } from '../support/target.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-push-'));
afterAll(() => rmSync(directory, { recursive: true }));

// Nothing of it depends on the version.
const [newest] = findInterpreters()
  .filter(({ root }) => root === undefined)
  .slice(-1);

describe.runIf(newest !== undefined)('perf --push', () => {
  let target: Target;

  beforeAll(async () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=till,service.version=2.1' };
    if (newest !== undefined) target = await startTarget(newest, 'sampled.py', { env });
  });
  afterAll(() => target.stop());

  const pid = (): string => String(target.pid);
  const words = (server: ProfileServer, ...more: readonly string[]): readonly string[] => [
    pid(),
    ...server.words,
    ...more,
  ];
  const looksOf = ({ stacks }: SentProfile): number =>
    [...stacks.values()].reduce((sum, [looks = 0]) => sum + looks, 0);

  test('sends a window after the other to Pyroscope, which together are what was sampled, and writes no file', async () => {
    await using server = await ProfileServer.start();
    const { status, out, notes } = await runPyflight(
      ['perf', ...words(server), '-d', '1', '-r', '200', '--idle', '--push-label', 'env=test', '--json'],
      { env: { PYFLIGHT_PUSH_BASIC: 'me:secret', PYFLIGHT_PUSH_TENANT: 'team' } },
    );
    const document = JSON.parse(out);
    expect([status, violations('profile', document), document.file]).toEqual([0, [], null]);
    expect(notes).toMatch(/^pushing to .*\/push\.v1\.PusherService\/Push as till, every 0\.2 s\n/);
    expect(notes).toMatch(/^\d messages pushed, [\d.]+ KiB$/m);
    const sent = server.windows.map(({ body }) => readPyroscopePush(body));
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.reduce((sum, profile) => sum + looksOf(profile), 0)).toBe(document.account.samples);
    expect(document.push).toEqual({
      url: `${server.address}/push.v1.PusherService/Push`,
      service: 'till',
      sent: sent.length,
      sentBytes: server.windows.reduce((sum, { body }) => sum + body.length, 0),
      dropped: 0,
      refused: 0,
      failure: null,
    });
    const named = { __name__: 'wall', service_name: 'till', 'service.version': '2.1', env: 'test' };
    expect(sent[0]?.labels).toMatchObject(named);
    const inOrder = sent.map(({ startedAtMs }) => startedAtMs);
    expect(inOrder).toEqual(inOrder.toSorted((one, other) => one - other));
    expect(
      Math.abs(sent.reduce((sum, { durationNs }) => sum + durationNs, 0) - document.account.durationNs),
    ).toBeLessThan(100);
    expect([...(sent[0]?.stacks.keys() ?? [])].join()).toMatch(/;compute;(heavy|medium|light)/);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
      'x-scope-orgid': 'team',
      'content-type': 'application/proto',
    });
    expect(existsSync('flamegraph.svg')).toBe(false);
  });

  test('sends the same to a receiver of OTLP, and writes the whole to a file that was named', async () => {
    await using server = await ProfileServer.start();
    const file = join(directory, 'whole.txt');
    const address = server.address.replace('http', 'otlp+http');
    const { status } = await runPyflight(
      [
        'perf',
        pid(),
        '--push',
        address,
        '--push-every',
        '200ms',
        '--push-name',
        'shop',
        '-d',
        '1',
        '-r',
        '200',
        '-f',
        file,
      ],
      { env: { PYFLIGHT_PUSH_TOKEN: 'secret' } },
    );
    const sent = server.windows.map(({ body }) => readOtlpProfiles(body));
    expect([status, sent.length > 2]).toEqual([0, true]);
    expect(sent[0]).toMatchObject({
      labels: { 'service.name': 'shop', 'service.version': '2.1', 'process.pid': target.pid },
      types: ['samples/count'],
      period: '5000000 cpu/nanoseconds',
    });
    const written = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(' ').at(-1)));
    expect(sent.reduce((sum, profile) => sum + looksOf(profile), 0)).toBe(
      written.reduce((sum, each) => sum + each, 0),
    );
    expect(server.windows[0]).toMatchObject({
      path: '/v1development/profiles',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/x-protobuf' },
    });
  });

  test('goes on when the server fails, goes away and comes back, and loses nothing', async () => {
    await using server = await ProfileServer.start((_, index) => (index === 1 ? 503 : 200));
    const perf = new RunningPerf(words(server));
    await perf.until(/will be tried again: it answers 503.*pushing goes on/su);
    await server.close();
    await perf.until(/goes on.*will be tried again: (?:nobody listens there|it cut the connection)/su);
    await server.open();
    const before = server.windows.length;
    await server.until(() => server.windows.length > before + 1);
    const { status, notes } = await perf.end('SIGINT');
    expect([status, notes]).toEqual([0, expect.stringMatching(/^\d+ messages pushed, [\d.]+ KiB\n$/m)]);
    const sent = server.windows.map(({ body }) => readPyroscopePush(body));
    // What was not taken came again, and between windows there is no gap.
    const windows = sent.filter(({ startedAtMs }, index) => startedAtMs !== sent[index - 1]?.startedAtMs);
    for (const [index, { startedAtMs, durationNs }] of windows.slice(0, -1).entries())
      expect(Math.abs((windows[index + 1]?.startedAtMs ?? 0) - startedAtMs - durationNs / 1e6)).toBeLessThan(
        5,
      );
  });

  test('ends in time when the server is silent, and says what it does not have', async () => {
    await using server = await ProfileServer.start(({ body }) => (body.length === 0 ? 200 : 'silent'));
    const perf = new RunningPerf(words(server));
    await server.until(() => server.windows.length > 0);
    const { status, notes } = await perf.end('SIGTERM');
    expect(status).toBe(143);
    expect(notes).toMatch(
      /^0 messages pushed, 0 B, \d+ could not be sent in time \(it does not answer in time\)$/m,
    );
  });

  test('says what the server refuses, and that it does not have all', async () => {
    await using server = await ProfileServer.start(({ body }) =>
      body.length === 0
        ? 200
        : { status: 400, body: '{"code":"invalid_argument","message":"too many labels"}' },
    );
    const { status, out, notes } = await runPyflight(['perf', ...words(server), '-d', '0.5', '--json']);
    expect([status, JSON.parse(out).push]).toMatchObject([
      1,
      { sent: 0, refused: expect.any(Number), failure: 'it answers 400: too many labels' },
    ]);
    expect(notes).toMatch(/^warning: refused: it answers 400: too many labels$/m);
    expect(notes).toMatch(/^0 messages pushed, 0 B, \d were refused \(it answers 400: too many labels\)$/m);
  });

  test.each([
    [404, 'it answers 404: nothing here', '--push otlp+http://host:4318'],
    [401, 'it answers 401: nothing here', 'PYFLIGHT_PUSH_TOKEN=…'],
    [302, 'it answers 302: it is at https://elsewhere', '--push http://host:4040'],
  ])('a server that answers %i is found at the start', async (answer, sentence, hint) => {
    await using server = await ProfileServer.start(() => ({
      status: answer,
      body: 'nothing here',
      headers: answer === 302 ? { location: 'https://elsewhere' } : {},
    }));
    const { status, notes } = await runPyflight(['perf', ...words(server)]);
    const url = `${server.address}/push.v1.PusherService/Push`;
    expect([status, notes]).toEqual([
      1,
      expect.stringContaining(`error: Cannot push to ${url}: ${sentence}\n`),
    ]);
    expect(notes).toContain(hint);
  });

  test.each([
    [
      ['--push', 'http://127.0.0.1:1'],
      1,
      'Cannot push to http://127.0.0.1:1/push.v1.PusherService/Push: nobody listens there',
    ],
    [['--push', 'http://me:secret@host'], 2, 'Cannot push to http://…@host: names and passwords'],
    [['--push', 'http://host', '--format', 'html'], 2, 'Cannot use --format or --baseline without -f'],
  ])('%j is refused in a sentence', async (more, expected, sentence) => {
    const { status, notes } = await runPyflight(['perf', pid(), ...more]);
    expect([status, notes]).toEqual([expected, expect.stringContaining(`error: ${sentence}`)]);
    expect(notes).not.toContain('secret');
  });
});
