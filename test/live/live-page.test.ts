import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servePage } from '../../src/api/index.ts';
import { BROWSER, shownDocument } from '../support/browser.ts';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { ProfileServer } from '../support/profile-server.ts';
import { makeAccount, makeProfile } from '../support/profiles.ts';
import { RunningPerf } from '../support/running-perf.ts';
import { startTarget, type Target } from '../support/target.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-page-'));
afterAll(() => rmSync(directory, { recursive: true }));

const [newest] = findInterpreters()
  .filter(({ root }) => root === undefined)
  .slice(-1);
interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface AskedBadly {
  readonly status: number;
  /** With nothing added to it. */
  readonly path?: string;
  /** With the token. */
  readonly file?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

/** Asks as no browser would: with any headers. */
async function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const sent = request(url, { headers, method, agent: false }).end();
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const part of response) body += String(part);
  return { status: response.statusCode, headers: response.headers, body };
}

describe.runIf(newest !== undefined)('perf --serve', () => {
  let target: Target;
  let url: URL;
  const file = join(directory, 'end.html');
  let perf: RunningPerf;
  // Whenever it has something new, the page has it already.
  let server: ProfileServer;

  beforeAll(async () => {
    if (newest === undefined) return;
    target = await startTarget(newest, 'sampled.py');
    server = await ProfileServer.start();
    perf = new RunningPerf([String(target.pid), '--idle', '--serve', '-f', file, ...server.words]);
    url = new URL((await perf.until(/(?<=live page: )\S+(?=\n)/u))[0] ?? '');
    await server.untilMore();
  });
  afterAll(async () => {
    await perf.end('SIGKILL');
    await server.close();
    await target.stop();
  });

  const at = (path: string): string => new URL(path + url.search, url).href;

  test('shows the page of what was recorded, and nobody may frame it or send what it holds elsewhere', async () => {
    const { status, headers, body } = await get(url.href);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toContain("connect-src 'self'; frame-ancestors 'none'");
    expect(body).toContain('fetch(');
    expect(body).toContain('sleeper-7');
  });

  test('what is new comes, and nothing comes twice', async () => {
    const first = await get(at('/data'));
    const looksOf = ({ body }: Answer): number => {
      const { threads } = JSON.parse(body);
      return threads.reduce((sum: number, { looks }: { looks: number }) => sum + looks, 0);
    };
    const known = { 'If-None-Match': first.headers.etag ?? '' };
    let next = await get(at('/data'), known);
    expect([200, 304]).toContain(next.status);
    while (next.status === 304) {
      await server.untilMore();
      next = await get(at('/data'), known);
    }
    expect(next.headers.etag).not.toBe(first.headers.etag);
    expect(looksOf(next)).toBeGreaterThan(looksOf(first));
  });

  const refused: readonly (readonly [string, AskedBadly])[] = [
    ['without the token', { path: '/', status: 403 }],
    ['with another token', { path: `/?token=${'0'.repeat(32)}`, status: 403 }],
    ['with an address that is none', { path: '//[', status: 403 }],
    ['under another name', { headers: { Host: 'evil.example' }, status: 403 }],
    ['by a page of another origin', { headers: { Origin: 'http://evil.example' }, status: 403 }],
    ['to change something', { method: 'POST', status: 405 }],
    ['for something else', { file: '/etc/passwd', status: 404 }],
  ];
  test.each(refused)(
    'refuses who asks %s',
    async (_, { path, file: other = '/', headers, method, status }) => {
      const address = path === undefined ? at(other) : `${url.origin}${path}`;
      const { status: answered, body } = await get(address, headers, method);
      expect(answered).toBe(status);
      expect(body.length).toBeLessThan(80);
    },
  );

  test('ends with the recording, whose file is written', async () => {
    expect((await perf.end('SIGINT')).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('sleeper-7');
    expect(readFileSync(file, 'utf8')).not.toContain('fetch(');
    await expect(get(url.href)).rejects.toThrow();
  });

  test('a port that is in use is told in a sentence, before anything is written', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = String(typeof address === 'object' ? address?.port : 0);
    const svg = join(directory, 'none.svg');
    const result = await runPyflight([
      'perf',
      String(target.pid),
      '--serve',
      '--serve-port',
      port,
      '-f',
      svg,
    ]);
    other.close();
    expect(result).toMatchObject({
      status: 1,
      notes: `error: Cannot serve a page on port ${port}: the port is in use\n  Leave --serve-port out: a free one is found then.\n`,
    });
    expect(existsSync(svg)).toBe(false);
  });
});

describe('servePage()', () => {
  test.skipIf(BROWSER === undefined)('a browser shows the page, and then what is new', async () => {
    let asked = 0;
    using page = await servePage({
      port: 0,
      view: {},
      format: { producer: 'pyflight 0.1.0' },
      profile: () => {
        asked += 1;
        return makeProfile([{ stack: 'main;work', looks: 10 * asked }], {
          account: makeAccount({ samples: 10 * asked }),
        });
      },
    });
    const shownPage = await shownDocument(page.url);
    const shown = /<div id="status"[^>]*>([^<]+)</u.exec(shownPage)?.[1];
    expect(shownPage).toContain('"sentence":"100 of 100 Hz, 10 samples');
    expect(asked).toBeGreaterThan(2);
    expect(shown).toContain(`100 of 100 Hz, ${10 * asked} samples`);
  });
});

test('who comes before there is anything is shown the page as soon as there is', async () => {
  const format = { producer: 'pyflight' };
  using page = await servePage({ port: 0, profile: () => undefined, view: {}, format });
  const { status, headers } = await get(page.url);
  expect([status, headers['refresh']]).toEqual([503, '1']);
});
