import type { JsonObject } from './json-value.ts';

/** What every document says of itself, whatever the command. */
export interface Envelope {
  readonly command: string;
  /** What was done to the process: L0 to L4 (docs/json.md). */
  readonly level: string;
  /** The process that it is about, if it is about one. */
  readonly pid: number | undefined;
  /** ISO 8601, UTC; a document with a time of its own keeps that. */
  readonly takenAt: string;
}

/** Puts a document of a command into the envelope that docs/envelope.schema.json describes; its own fields go first. */
export function withEnvelope({ command, level, pid, takenAt }: Envelope, document: JsonObject): JsonObject {
  const { problems = [] } = document;
  return { schemaVersion: 1, command, level, pid: pid ?? null, takenAt, ...document, problems };
}
