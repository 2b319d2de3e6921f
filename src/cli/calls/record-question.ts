import type { CallRecords } from '../../api/index.ts';
import { NotInTargetError } from '../../base/errors.ts';
import { agentOptionsOf } from '../agent/agent-options.ts';
import type { Context } from '../context.ts';

/** Where recorded calls are looked for. */
export interface RecordPlace {
  readonly pid: number;
  readonly timeout: string | undefined;
}

/** Asks for recorded calls, if an agent is inside that could have some; none is brought in. Ctrl-C calls it off. */
export async function askRecords<Answer>(
  { pid, timeout }: RecordPlace,
  context: Context,
  ask: (records: CallRecords, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer | undefined> {
  const abort = new AbortController();
  const forget = context.onInterrupt(() => abort.abort());
  try {
    const options = { ...agentOptionsOf({ timeout }, context), signal: abort.signal };
    using agent = await context.api.findAgent(pid, options);
    return agent === undefined ? undefined : await ask(await agent.openRecords(), abort.signal);
  } finally {
    forget();
  }
}

/** The same for one call, which is not there when no agent is. */
export async function askRecord<Answer>(
  place: RecordPlace,
  context: Context,
  ask: (records: CallRecords, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const answer = await askRecords(place, context, ask);
  if (answer === undefined)
    throw new NotInTargetError(
      'no agent is inside, and so no calls are recorded; it leaves some time after its last client',
    );
  return answer;
}
