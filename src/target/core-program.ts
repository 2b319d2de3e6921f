import { MalformedInputError, WrongProgramError } from '../base/errors.ts';
import type { CoreImage } from '../elf/core/core-image.ts';
import { readElfHeader } from '../elf/elf-header.ts';
import { openInputFile } from '../platform/input-file.ts';

/**
 * Makes sure that the program that the user named is that of the process, as far as the core tells.
 * @throws {CannotReadFileError} when there is no such file
 * @throws {WrongProgramError} when it is another one
 */
export function requireProgram(path: string, { modules }: CoreImage): void {
  using file = openInputFile(path);
  try {
    readElfHeader(file);
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    throw new WrongProgramError(path, 'it is no ELF program', { cause: error });
  }
  const program = modules.find(({ isMainProgram }) => isMainProgram);
  if (program === undefined || program.file?.source.name === path) return;
  const { buildId } = program;
  const which = buildId === undefined ? '' : ` with the build id ${buildId}`;
  throw new WrongProgramError(path, `the process ran ${program.path}${which}`);
}
