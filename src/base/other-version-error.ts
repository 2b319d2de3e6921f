import { InspectorError } from './errors.ts';

/** A file of ours was written by another version of us, in a way that this one does not read. */
export class OtherVersionError extends InspectorError {
  readonly code = 'other-version';

  constructor(path: string, version: number, known: number) {
    const writer = version < known ? 'an older' : 'a newer';
    super(`Cannot read ${path}: ${writer} pyflight has written it, as version ${version} and not ${known}`);
  }
}
