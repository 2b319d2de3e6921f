/** The part of the environment that decides on colours. */
export interface ColorEnvironment {
  readonly NO_COLOR?: string | undefined;
  readonly FORCE_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/**
 * Tells whether to use colours: only on a terminal that knows them, never with NO_COLOR set to anything
 * (no-color.org), and otherwise always with FORCE_COLOR.
 */
export function wantsColor(environment: ColorEnvironment, isTerminal: boolean): boolean {
  if (isSet(environment.NO_COLOR)) return false;
  if (isSet(environment.FORCE_COLOR)) return environment.FORCE_COLOR !== '0';
  return isTerminal && environment.TERM !== 'dumb';
}

/** Tells whether an environment variable is there and not empty. */
export function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
