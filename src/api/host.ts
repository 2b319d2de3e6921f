import { type Child, findOnPath, startChild, writeTextFile as write } from '../target/host.ts';

export type { Child } from '../target/host.ts';

/** Finds a program on PATH, as a shell would. */
export function findProgram(name: string): Promise<string | undefined> {
  return Promise.resolve(findOnPath(name));
}

/** Starts a program that ends when we do: its standard input is a pipe that ends then. */
export function launch(command: string, args: readonly string[]): Promise<Child> {
  return startChild(command, args);
}

/**
 * Writes text to a file, replacing what was there.
 * @throws {CannotWriteFileError} with the system's reason
 */
export function writeTextFile(path: string, text: string): Promise<void> {
  return Promise.resolve().then(() => write(path, text));
}
