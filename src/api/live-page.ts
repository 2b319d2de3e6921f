import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { FormatOptions } from '../formats/format.ts';
import { livePageParts } from '../formats/html.ts';
import { pageContent } from '../formats/page-content.ts';
import type { Profile } from '../profile/profile.ts';
import { openLoopbackServer, type PageAnswer, type PageRequest } from '../target/host.ts';
import { type ProfileView, viewProfile } from './profiles.ts';

/** What a page shows, and where. */
export interface LivePageOptions {
  /** Of 127.0.0.1; 0 for a free one. */
  readonly port: number;
  /** What was recorded so far; `undefined` before anything was. Another object when there is more. */
  readonly profile: () => Profile | undefined;
  readonly view: ProfileView;
  readonly format: FormatOptions;
}

/** A page that shows a profile while it is recorded, for whom has its address. */
export interface LivePage extends Disposable {
  /** With a token, without which nothing is answered. */
  readonly url: string;
}

/**
 * Serves the page of a profile that grows, on this machine alone, until it is disposed of.
 * @throws {CannotServeError} when the port cannot be had
 */
export async function servePage(options: LivePageOptions): Promise<LivePage> {
  const token = randomBytes(16).toString('hex');
  const content = new GrowingContent(options);
  const server = await openLoopbackServer(options.port, (request) => {
    if (!isAllowed(request, server.port, token))
      return text(403, 'no page without the whole address that was printed');
    if (request.method !== 'GET') return text(405, 'there is nothing but a page to get');
    return content.answer(new URL(request.path, BASE).pathname, request.knownTag);
  });
  return {
    url: `http://127.0.0.1:${server.port}/?token=${token}`,
    [Symbol.dispose]: () => server[Symbol.dispose](),
  };
}

const BASE = 'http://127.0.0.1';

/** Only who has the token, under our own name, and no page of another origin: one that was led to this port by its DNS neither. */
function isAllowed({ path, host = '', origin }: PageRequest, port: number, token: string): boolean {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(host) || (origin !== undefined && origin !== `http://${host}`)) return false;
  if (!URL.canParse(path, BASE)) return false;
  const given = Buffer.from(new URL(path, BASE).searchParams.get('token') ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** What nobody else may keep, frame or learn of by a link. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

function text(status: number, words: string, headers: Readonly<Record<string, string>> = {}): PageAnswer {
  return {
    status,
    headers: { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8', ...headers },
    parts: [`${words}\n`],
  };
}

/** Who opens the page as soon as its address is printed sees it when there is something to be seen. */
const NOTHING_YET = text(503, 'nothing was recorded yet', { Refresh: '1' });

/** The page, and what has come to it since; made when somebody asks, and once for each state. */
class GrowingContent {
  readonly #options: LivePageOptions;
  #shown: Profile | undefined;
  #data = '';
  #revision = 0;

  constructor(options: LivePageOptions) {
    this.#options = options;
  }

  answer(path: string, known: string | undefined): PageAnswer {
    const { profile, format } = this.#options;
    const now = profile();
    if (now === undefined) return NOTHING_YET;
    if (path === '/') {
      const headers = { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' };
      return { status: 200, headers, parts: livePageParts(this.#seen(now), format) };
    }
    return path === '/data' ? this.#dataAnswer(now, known) : text(404, 'there is no such page');
  }

  #dataAnswer(now: Profile, known: string | undefined): PageAnswer {
    if (now !== this.#shown) {
      this.#shown = now;
      this.#revision += 1;
      this.#data = JSON.stringify(pageContent(this.#seen(now), this.#options.format));
    }
    const tag = `"${this.#revision}"`;
    const headers = { ...HEADERS, ETag: tag, 'Content-Type': 'application/json' };
    return known === tag
      ? { status: 304, headers, parts: [] }
      : { status: 200, headers, parts: [this.#data] };
  }

  #seen(profile: Profile): Profile {
    return viewProfile(profile, this.#options.view);
  }
}
