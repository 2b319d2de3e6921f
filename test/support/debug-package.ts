import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildIdOf } from './held-library.ts';
import { findInterpreters, type Interpreter } from './interpreters.ts';

/**
 * The stripped interpreters of a distribution whose debug package is installed with them. Debian puts the package's
 * files into the root of its `--with-pydebug` build, which comes out of the same package.
 */
export function findWithDebugPackage(): readonly Interpreter[] {
  return findInterpreters().flatMap((interpreter): readonly Interpreter[] => {
    const { family, root, version } = interpreter;
    if (root === undefined || !interpreter.isDebugBuild) return [];
    const program = `/usr/bin/python${family}`;
    const path = join(root, program);
    if (!existsSync(path)) return [];
    const id = buildIdOf(path);
    const debugFile = join(root, 'usr/lib/debug/.build-id', id.slice(0, 2), `${id.slice(2)}.debug`);
    if (!existsSync(debugFile)) return [];
    const build = { kind: 'other-root', isStripped: true, isDebugBuild: false } as const;
    const name = `${version} with its debug package`;
    return [{ ...interpreter, ...build, name, path, command: ['chroot', root, program] }];
  });
}
