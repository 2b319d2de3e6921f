import { withEnvelope } from '../report/envelope-json.ts';
import { formatJson, type JsonObject } from '../report/json-value.ts';
import type { Level } from './command.ts';
import type { Context } from './context.ts';

/** How a document is written: for people too, or on one line, for streams. */
export type JsonMode = 'json' | 'jsonl';

/** Declares `--json` and `--jsonl`. */
export function jsonOption(schema: string): {
  readonly kind: 'modes';
  readonly modes: Readonly<Record<JsonMode, string>>;
} {
  return {
    kind: 'modes',
    modes: { json: `Print JSON (docs/${schema}.schema.json)`, jsonl: 'Print it on one line' },
  };
}

/** What a document of a command says of itself. */
export interface Printed {
  readonly command: string;
  readonly level: Level;
  readonly pid?: number | undefined;
}

/** Renders the document of a command in its envelope. */
export function jsonText(
  document: JsonObject,
  { command, level, pid }: Printed,
  mode: JsonMode,
  { now }: Pick<Context, 'now'>,
): string {
  const takenAt = now().toISOString();
  const whole = withEnvelope({ command, level, pid, takenAt }, document);
  return `${formatJson(whole, mode === 'json' ? 2 : undefined)}\n`;
}

/** What was done to a process for a look at it. */
export function levelOfLook({ pauseNs }: { readonly pauseNs: bigint | undefined }): Level {
  return pauseNs === undefined ? 'L0' : 'L1';
}
