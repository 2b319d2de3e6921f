import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canImport, findInterpreters, type Interpreter } from './interpreters.ts';
import { headersOf } from './native-parts.ts';

/** An interpreter that imports greenlet when it finds this directory in PYTHONPATH. */
export interface WithGreenlet {
  readonly interpreter: Interpreter;
  readonly directory: string | undefined;
}

/** Debian's package has the sources beside the compiled module, which is for the system's interpreter alone. */
const SOURCES = '/usr/lib/python3/dist-packages/greenlet';

/** Those of Debian 12 compile with these; they keep frames in another way before 3.11. */
const COMPILED_FOR = ['3.10', '3.11'];

/** The interpreters that have greenlet, and those for which it can be compiled here. Those in other roots do not count. */
export class Greenlets implements Disposable {
  readonly found: readonly WithGreenlet[];
  readonly #scratch = mkdtempSync(join(tmpdir(), 'pyflight-greenlet-'));

  constructor() {
    const here = findInterpreters().filter(({ root }) => root === undefined);
    this.found = here.flatMap((interpreter): readonly WithGreenlet[] => {
      if (canImport(interpreter, 'greenlet')) return [{ interpreter, directory: undefined }];
      const directory = COMPILED_FOR.includes(interpreter.family) ? this.#compile(interpreter) : undefined;
      return directory === undefined ? [] : [{ interpreter, directory }];
    });
  }

  /** `undefined` without the sources, a compiler or headers, and when it does not compile. */
  #compile(interpreter: Interpreter): string | undefined {
    const source = join(SOURCES, 'greenlet.cpp');
    const include = headersOf(interpreter);
    if (include === undefined || !existsSync(source)) return undefined;
    const directory = mkdtempSync(join(this.#scratch, 'for-'));
    const built = join(directory, 'greenlet');
    mkdirSync(built);
    for (const name of readdirSync(SOURCES).filter((each) => each.endsWith('.py')))
      copyFileSync(join(SOURCES, name), join(built, name));
    const flags = ['-O1', '-fno-strict-aliasing', '-fPIC', '-shared', `-I${include}`, `-I${SOURCES}`];
    const { status } = spawnSync('g++', [...flags, '-o', join(built, '_greenlet.so'), source]);
    return status === 0 ? directory : undefined;
  }

  [Symbol.dispose](): void {
    rmSync(this.#scratch, { recursive: true });
  }
}
