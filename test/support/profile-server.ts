import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A request that a server got. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
}

/** How a server behaves: what it answers, by the number of the request from 0 on; `silent` keeps the line open. */
export type Behaviour = (
  request: ReceivedRequest,
  index: number,
) =>
  | number
  | 'silent'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

/** A server that takes profiles, or does not, on a port of the loopback. */
export class ProfileServer {
  readonly requests: ReceivedRequest[] = [];
  behaviour: Behaviour = () => 200;
  port = 0;
  #server: Server | undefined;
  readonly #waiting: (() => void)[] = [];

  static async start(behaviour: Behaviour = () => 200): Promise<ProfileServer> {
    const server = new ProfileServer();
    server.behaviour = behaviour;
    await server.open();
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Requests that are no question whether anybody is there. */
  get windows(): readonly ReceivedRequest[] {
    return this.requests.filter(({ body }) => body.length > 0);
  }

  /** Opens it, on the same port as before. */
  async open(): Promise<void> {
    this.#server = createServer((request, response) => {
      void this.#take(request, response);
    });
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** What has it sent there what is seen, as soon as something is. */
  get words(): readonly string[] {
    return ['--push', this.address, '--push-every', '200ms'];
  }

  /** Waits until more is sent, which was seen in the process. */
  async untilMore(): Promise<void> {
    const before = this.windows.length;
    await this.until(() => this.windows.length > before);
  }

  /** Waits until something is true, which is looked at whenever a request comes. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part);
    const received = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) };
    const index = this.requests.push(received) - 1;
    const answer = this.behaviour(received, index);
    for (const wake of this.#waiting.splice(0)) wake();
    if (answer === 'silent') return;
    const { status, headers, body } =
      typeof answer === 'number' ? { status: answer } : { headers: {}, body: '', ...answer };
    response.writeHead(status, headers).end(body);
  }
}
