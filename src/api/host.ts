import type { Child, OutputFile, Program, ProgramOptions } from '../target/host.ts';

export type { Child, OutputFile, Program, ProgramOptions } from '../target/host.ts';

// Loaded when needed: what starts processes takes 3 ms to load, which the commands that start none would pay.

/** Finds a program on PATH, as a shell would. */
export async function findProgram(name: string): Promise<string | undefined> {
  const { findOnPath } = await import('../target/host.ts');
  return findOnPath(name);
}

/** Starts a program that ends when we do: its standard input is a pipe that ends then. */
export async function launch(command: string, args: readonly string[]): Promise<Child> {
  const { startChild } = await import('../target/host.ts');
  return startChild(command, args);
}

/**
 * Writes text to a file, replacing what was there.
 * @throws {CannotWriteFileError} with the system's reason
 */
export async function writeTextFile(path: string, text: string): Promise<void> {
  const host = await import('../target/host.ts');
  host.writeTextFile(path, text);
}

/**
 * Starts a program that has our standard input, output and error.
 * @throws {CannotStartProgramError} with the system's reason
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<Program> {
  const host = await import('../target/host.ts');
  return await host.startProgram(command, args, options);
}

/**
 * Makes sure that a file can be written before the work is done that it is for.
 * @throws {CannotWriteFileError} with the system's reason
 */
export async function openOutputFile(path: string): Promise<OutputFile> {
  const host = await import('../target/host.ts');
  return host.openOutputFile(path);
}
