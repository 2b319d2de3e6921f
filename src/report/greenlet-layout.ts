import { hex } from '../base/address.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import type { Greenlet, GreenletThread } from '../model/greenlet.ts';
import type { Snapshot } from '../model/snapshot.ts';
import {
  type AsyncOptions,
  NARROW_RULE,
  outermostFirstLines,
  titleLines,
  WIDE_RULE,
} from './async-layout.ts';

/** Renders the suspended greenlets of a process as tasks are, by their threads; nothing where there are none. */
export function* greenletLines({ greenlets = [] }: Snapshot, options: AsyncOptions): Generator<string> {
  if (greenlets.length === 0) return;
  yield '';
  yield* titleLines('Greenlet Stacks', options.style);
  for (const thread of greenlets) {
    yield options.style.blue(`Thread: ${formatThread(thread)}`);
    yield NARROW_RULE;
    for (const [at, greenlet] of thread.greenlets.entries()) {
      yield '';
      yield* oneLines(greenlet, at + 1, options);
    }
    yield '';
  }
  yield WIDE_RULE;
}

function formatThread({ osThreadId, pthreadId, threadName }: GreenletThread): string {
  if (osThreadId === undefined && pthreadId === undefined) return 'none (it has ended)';
  const tid = pthreadId === undefined ? '?' : hex(pthreadId);
  return `${escapeForTerminal(threadName ?? 'unknown')} (tid: ${tid})`;
}

function* oneLines(greenlet: Greenlet, number: number, options: AsyncOptions): Generator<string> {
  const { style } = options;
  yield `  Greenlet #${number}: ${style.yellow(formatGreenlet(greenlet))}`;
  yield `    State: ${style.blue('SUSPENDED')}`;
  if (greenlet.parent !== undefined) yield `    Parent: ${hex(greenlet.parent)}`;
  yield* outermostFirstLines(greenlet.frames, options);
}

function formatGreenlet({ typeName, address, isMain }: Greenlet): string {
  const text = `${escapeForTerminal(typeName ?? 'greenlet')} at ${hex(address)}`;
  return isMain ? `${text} (main)` : text;
}
