import type { AttachOptions, Inspection } from '../../api/index.ts';
import {
  type InspectorError,
  NoSuchProcessError,
  ProcessExitedError,
  ProcessReplacedError,
  ZombieProcessError,
} from '../../base/errors.ts';
import type { Context } from '../context.ts';

/** The process of a prompt, which is opened once for all of its commands. */
export class TargetSession implements Disposable {
  readonly pid: number;
  readonly #context: Context;
  #inspection: Inspection | undefined;
  #hasNative = false;

  private constructor(pid: number, context: Context) {
    this.pid = pid;
    this.#context = context;
  }

  /**
   * Opens the process.
   * @throws {InspectorError} with a code that says why it cannot be looked at
   */
  static async open(pid: number, context: Context): Promise<TargetSession> {
    const session = new TargetSession(pid, context);
    await session.#lend({ native: false });
    return session;
  }

  /** What the commands use: the library, with this process kept open between them. */
  get api(): Context['api'] {
    const { api } = this.#context;
    return {
      ...api,
      attach: (pid, options) => (pid === this.pid ? this.#lend(options) : api.attach(pid, options)),
    };
  }

  /** The process as it is open now; for completions, which open nothing. */
  get inspection(): Inspection | undefined {
    return this.#inspection;
  }

  /** Why there is nothing left to look at; `undefined` while there is. */
  async findEnd(): Promise<InspectorError | undefined> {
    try {
      if (this.#inspection === undefined) await this.#lend({ native: false });
      else this.#inspection.check();
      return undefined;
    } catch (error) {
      return isEnd(error) ? error : undefined;
    }
  }

  /** Hands out the process for one command, which may dispose of it as of its own. */
  async #lend({ native = true, ...options }: AttachOptions = {}): Promise<Inspection> {
    this.#letGoOfReplaced();
    if (this.#inspection === undefined || (native && !this.#hasNative)) {
      const opened = await this.#context.api.attach(this.pid, { ...options, native });
      this.#inspection?.[Symbol.dispose]();
      this.#inspection = opened;
      this.#hasNative = native;
    }
    return lent(this.#inspection);
  }

  #letGoOfReplaced(): void {
    try {
      this.#inspection?.check();
    } catch (error) {
      if (!(error instanceof ProcessReplacedError)) throw error;
      this.#context.note(`note: process ${this.pid} runs another program now`);
      this[Symbol.dispose]();
    }
  }

  /** Lets go of the process. */
  [Symbol.dispose](): void {
    this.#inspection?.[Symbol.dispose]();
    this.#inspection = undefined;
  }
}

function isEnd(error: unknown): error is InspectorError {
  return (
    error instanceof NoSuchProcessError ||
    error instanceof ProcessExitedError ||
    error instanceof ZombieProcessError
  );
}

/** All of an inspection but its end: whatever it can do, the one who borrows it can. */
function lent(inspection: Inspection): Inspection {
  return new Proxy(inspection, {
    get: (kept, name) => {
      if (name === Symbol.dispose) return () => undefined;
      const value: unknown = Reflect.get(kept, name, kept);
      return typeof value === 'function' ? value.bind(kept) : value;
    },
  });
}
