import type { IncomingMessage, ServerResponse } from 'node:http';
import { CannotServeError } from '../base/server-errors.ts';
import { errnoNameOf } from './errno.ts';

/** What a page asks for. */
export interface PageRequest {
  readonly method: string;
  /** With what follows the `?`. */
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** What it has already. */
  readonly knownTag: string | undefined;
}

/** What it gets. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Iterable<string>;
}

/** A web server that only this machine reaches. */
export interface LoopbackServer extends Disposable {
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/** What the commoner failures of bind(2) mean for someone who named a port. */
const STATES: Readonly<Record<string, string>> = {
  EACCES: 'only root may listen there',
  EADDRINUSE: 'the port is in use',
};

/**
 * Starts a web server on a port of 127.0.0.1, on a free one for 0. It does not keep the program alive.
 * @throws {CannotServeError} when the port cannot be had
 */
export async function openLoopbackServer(
  port: number,
  answer: (request: PageRequest) => PageAnswer,
): Promise<LoopbackServer> {
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => send(request, response, answer));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const name = errnoNameOf(error) ?? error.message;
      reject(new CannotServeError(port, STATES[name] ?? name, { cause: error }));
    });
    server.listen(port, LOOPBACK, resolve);
  });
  server.unref();
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function send(
  { method = '', url = '', headers }: IncomingMessage,
  response: ServerResponse,
  answer: (request: PageRequest) => PageAnswer,
): void {
  const {
    status,
    headers: own,
    parts,
  } = answer({
    method,
    path: url,
    host: headers.host,
    origin: headers.origin,
    knownTag: headers['if-none-match'],
  });
  response.writeHead(status, own);
  for (const part of parts) response.write(part);
  response.end();
}
