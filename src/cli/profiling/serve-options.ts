import { BadArgumentError } from '../../base/errors.ts';
import type { OptionSpecs } from '../command.ts';

/** The options of commands that show a profile while it is recorded. */
export const SERVE_OPTIONS = {
  serve: {
    kind: 'flag',
    help: 'Show the page of what was recorded so far, on this machine; its address is printed',
  },
  servePort: {
    kind: 'number',
    valueName: 'port',
    least: 0,
    most: 65_535,
    whenAbsent: 0,
    help: 'Where on 127.0.0.1, 0 for a free one',
  },
} as const satisfies OptionSpecs;

/** What was typed of {@link SERVE_OPTIONS}. */
export interface ServeWords {
  readonly serve: boolean;
  readonly servePort: number;
}

/** The port of the page; `undefined` when none is wanted. */
export function servePortOf({ serve, servePort }: ServeWords): number | undefined {
  if (!serve && servePort !== 0)
    throw new BadArgumentError('Cannot tell what to serve: --serve-port goes with --serve');
  return serve ? servePort : undefined;
}
