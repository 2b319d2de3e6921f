import { type ErrorCode, InspectorError } from './errors.ts';

/** What is found of a process in which there is no Python yet, but may be a little later. */
const BEFORE_PYTHON: ReadonlySet<ErrorCode> = new Set([
  'interpreter-not-found',
  'malformed-input',
  'not-python',
  'process-replaced',
  'unreadable-memory',
  'unsupported-python',
]);

/** Tells whether an error may be about a process that has only just begun, so that it is worth trying again. */
export function mayBeTooEarly(error: unknown): error is InspectorError {
  return error instanceof InspectorError && BEFORE_PYTHON.has(error.code);
}
