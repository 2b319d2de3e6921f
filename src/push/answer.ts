import { ByteCursor } from '../base/byte-cursor.ts';
import { MalformedInputError } from '../base/errors.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import type { HttpAnswer } from '../base/ports.ts';
import type { PushObstacle } from '../base/server-errors.ts';

/** What became of a window: the server has it, may take it later, or will never. */
export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'later'; readonly state: string; readonly afterMs: number | undefined }
  | { readonly kind: 'refused'; readonly obstacle: PushObstacle; readonly state: string };

/** Too many requests, and what a gateway says when the server behind it is away. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);
const OBSTACLES: ReadonlyMap<number, PushObstacle> = new Map([
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [404, 'no-endpoint'],
  [405, 'no-endpoint'],
  [501, 'no-endpoint'],
]);

/** Says what an answer means for what was sent. */
export function verdictOf(answer: HttpAnswer): Verdict {
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return partialVerdict(answer.body);
  const state = stateOf(answer);
  if (TRANSIENT.has(status)) return { kind: 'later', state, afterMs: retryAfterMs };
  const isMoved = status >= 300 && status < 400;
  return { kind: 'refused', obstacle: isMoved ? 'no-endpoint' : (OBSTACLES.get(status) ?? 'refused'), state };
}

/** As much of what a server says as fits a line. */
const MOST_TEXT = 160;

/** `it answers 404: page not found`. */
function stateOf({ status, location, body }: HttpAnswer): string {
  const text = location === undefined ? textOf(body) : `it is at ${location}`;
  const said = escapeForTerminal(text.trim().replaceAll(/\s+/gu, ' ')).slice(0, MOST_TEXT);
  return said === '' ? `it answers ${status}` : `it answers ${status}: ${said}`;
}

/** The message of an answer in JSON, and no pages for browsers. */
function textOf(body: Uint8Array): string {
  const text = Buffer.from(body).toString('utf8');
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/u.exec(text)?.[1];
  return message ?? (/^\s*</u.test(text) ? '' : text);
}

/** Of `ExportProfilesServiceResponse`: a server of OTLP may take a request and refuse what is in it. */
const PARTIAL_SUCCESS = 0x0a;
const REJECTED_PROFILES = 0x08;

function partialVerdict(body: Uint8Array): Verdict {
  if (body[0] !== PARTIAL_SUCCESS) return { kind: 'taken' };
  try {
    const cursor = new ByteCursor(body, 'the answer', 1);
    cursor.uleb128();
    const isRejected = cursor.left > 0 && cursor.u8() === REJECTED_PROFILES && cursor.uleb128() > 0;
    return isRejected
      ? { kind: 'refused', obstacle: 'refused', state: 'it took the request and not the profile' }
      : { kind: 'taken' };
  } catch (error) {
    if (error instanceof MalformedInputError) return { kind: 'taken' };
    throw error;
  }
}
