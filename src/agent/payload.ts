import { readOwnText } from '../platform/own-file.ts';
import { PART_BREAK, PAYLOAD_PARTS } from './payload-parts.ts';

/** What the agent is told when it starts. */
export interface AgentSettings {
  /** Of its files, as the target sees it. */
  readonly directory: string;
  /** Of the pyflight that brings it in. */
  readonly version: string;
  /** Seconds after which it leaves when it has heard of nobody. */
  readonly lease: number;
}

/** The file of a built package, beside `dist/cli` or `dist/index.js`. */
const JOINED_FILES = ['../agent.py', './agent.py'];
/** In a built package there are only those that are sent later. */
const PART_DIRECTORIES = ['./python/', '../agent/', './agent/'];

/**
 * The agent as one text: parts that are compiled one after the other, so that the threads of the target get their turns
 * in between.
 */
export function payloadText(settings: AgentSettings): string {
  // JSON of plain strings and numbers is Python too.
  const head = `SETTINGS = ${JSON.stringify(settings)}\n`;
  const joined = readOwnText(JOINED_FILES.map((path) => new URL(path, import.meta.url)));
  const parts = joined === undefined ? PAYLOAD_PARTS.map(partText) : [joined];
  return [head, ...parts].join(PART_BREAK);
}

/** One part: of those that are sent when they are wanted, or of a source tree. */
export function partText(name: string): string {
  const text = readOwnText(PART_DIRECTORIES.map((path) => new URL(`${path}${name}.py`, import.meta.url)));
  if (text === undefined)
    throw new RangeError(`Cannot find the part ${name} of the agent: the package is incomplete`);
  return text;
}
