import { fileURLToPath } from 'node:url';
import { canImport, findInterpreters, type Interpreter } from './interpreters.ts';
import { PlatformTarget } from './platform-target.ts';

const PROGRAMS = new URL('../programs/', import.meta.url);

/** The interpreters that have a package installed; those in other roots do not count. */
export function interpretersWith(name: string): readonly Interpreter[] {
  return findInterpreters().filter((each) => each.root === undefined && canImport(each, name));
}

/** Starts a program not as other targets, which are started without the packages of a distribution. */
export async function startWithPackages(
  { path }: Interpreter,
  program: string,
  ...args: readonly string[]
): Promise<PlatformTarget> {
  return await PlatformTarget.start(path, ['-u', fileURLToPath(new URL(program, PROGRAMS)), ...args]);
}
