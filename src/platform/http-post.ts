import type { IncomingMessage } from 'node:http';
import type { HttpAnswer, HttpPost, HttpRequest } from '../base/ports.ts';
import { CannotPushError } from '../base/server-errors.ts';

/** As much of an answer is read; the rest is left unread. */
const MOST_ANSWER_BYTES = 64 * 1024;

/** What the commoner failures mean for someone who named a server. */
const STATES: Readonly<Record<string, string>> = {
  ABORT_ERR: 'it does not answer in time',
  ECONNREFUSED: 'nobody listens there (connection refused)',
  ECONNRESET: 'it cut the connection',
  EHOSTUNREACH: 'no way leads to that host',
  ENETUNREACH: 'no way leads to that network',
  ENOTFOUND: 'no host has that name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EPIPE: 'it cut the connection',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ETIMEDOUT: 'it does not answer in time',
};

/** Loads what sends bytes over HTTP, 10 ms, which most runs of ours do without. */
export async function loadHttpPost(): Promise<HttpPost> {
  const [http, https] = await Promise.all([import('node:http'), import('node:https')]);
  return (request) => post(request, request.url.startsWith('https:') ? https.request : http.request);
}

/** A connection for each request: they are seconds apart, and a server may have closed an idle one. */
function post(
  { url, headers, body, signal }: HttpRequest,
  open: typeof import('node:http').request,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const cut = new AbortController();
    signal.addEventListener('abort', () => cut.abort(), { once: true });
    const fail = (error: unknown): void => reject(unreachable(url, error));
    const request = open(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': body.length },
      agent: false,
      signal: cut.signal,
    });
    request.once('error', fail);
    request.once('response', (response) => {
      readAnswer(response).then(resolve, fail);
    });
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of response) {
    if (!(part instanceof Uint8Array)) continue;
    parts.push(part);
    sizeBytes += part.length;
    if (sizeBytes > MOST_ANSWER_BYTES) break;
  }
  const { statusCode = 0, headers } = response;
  return {
    status: statusCode,
    retryAfterMs: retryAfterMs(headers['retry-after']),
    location: headers.location,
    body: Buffer.concat(parts).subarray(0, MOST_ANSWER_BYTES),
  };
}

/** Seconds, or a date; RFC 9110, section 10.2.3. */
function retryAfterMs(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const ms = /^\d+$/u.test(given) ? Number(given) * 1000 : Date.parse(given) - Date.now();
  return ms > 0 ? ms : undefined;
}

function unreachable(url: string, error: unknown): CannotPushError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const state =
    STATES[code] ?? (code.startsWith('HPE_') ? 'it does not speak HTTP' : trustState(code, error));
  return new CannotPushError(url, 'unreachable', state, { cause: error });
}

function trustState(code: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /CERT|SIGNATURE|ISSUER/u.test(code) ? `its certificate is not trusted (${message})` : message;
}
