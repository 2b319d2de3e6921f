import type { AgentConsole, AgentSession, ConsoleOutcome } from '../../api/index.ts';
import { BadArgumentError, NotConfirmedError } from '../../base/errors.ts';
import { escapeLines } from '../../base/escaping.ts';
import { AGENT_OPTIONS, agentOptionsOf } from '../agent-options.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';

/** `pyflight console <pid>`: Python inside the process. */
export const console = defineCommand({
  name: 'console',
  summary: 'Type Python that runs inside a process, which it can change',
  arguments: { pid: { kind: 'pid', help: 'Process to run it in' } },
  options: {
    ...AGENT_OPTIONS,
    allowWrite: { kind: 'flag', help: 'Do not ask whether the process may be changed' },
    eval: { kind: 'text', valueName: 'statement', help: 'Run this and leave' },
  },
  examples: [
    [
      'console 4242',
      'names of the main module are at hand; exit() or Ctrl-D leaves, Ctrl-C stops a statement',
    ],
    ['console 4242 --allow-write --eval "len(cache)"', 'in a script: the status is 1 when it raised'],
  ],

  async run({ pid, eval: statement, allowWrite, ...wishes }, context) {
    await confirm(pid, allowWrite, context);
    if (statement === undefined && context.ask === undefined) {
      throw new BadArgumentError('Cannot open a console: there is no terminal to type on; use --eval');
    }
    using inspection = await context.api.attach(pid, { native: false });
    using agent = await inspection.agent(agentOptionsOf(wishes, context));
    noteAudit(agent, context);
    const opened = await agent.openConsole();
    const outcome =
      statement === undefined ? await converse(opened, context) : await runOnce(opened, statement, context);
    await opened.close();
    return outcome;
  },
});

async function confirm(pid: number, isAllowed: boolean, { ask }: Context): Promise<void> {
  if (isAllowed) return;
  const answer = await ask?.(`What is typed can change process ${pid} in any way. Go on? [y/N] `);
  if (answer === undefined || !/^y(es)?$/i.test(answer.trim())) throw new NotConfirmedError('open a console');
}

function noteAudit({ isAudited }: AgentSession, { note }: Context): void {
  if (!isAudited) note('warning: the audit file cannot be written, so that nothing of this is kept');
}

async function converse(opened: AgentConsole, context: Context): Promise<Outcome> {
  const { ask, note } = context;
  note(escapeLines(opened.banner));
  let source = '';
  for (;;) {
    const line = await ask?.(source === '' ? '>>> ' : '... ');
    if (line === undefined) return 'complete';
    source = source === '' ? line : `${source}\n${line}`;
    if (source.trim() === '') {
      source = '';
      continue;
    }
    const { state, isInterrupted } = await runStatement(opened, source, context);
    if (isInterrupted) return 'interrupted';
    if (state === 'ended') return 'complete';
    if (state !== 'incomplete') source = '';
  }
}

async function runOnce(opened: AgentConsole, statement: string, context: Context): Promise<Outcome> {
  // A block ends with an empty line, which nobody types here.
  const first = await runStatement(opened, statement, context);
  const last = first.state === 'incomplete' ? await runStatement(opened, `${statement}\n`, context) : first;
  if (last.isInterrupted) return 'interrupted';
  if (last.state === 'incomplete') throw new BadArgumentError('Cannot run the statement: it is incomplete');
  if (last.state === 'ended') return last.code === undefined || last.code === '0' ? 'complete' : 'failed';
  return last.state === 'failed' ? 'failed' : 'complete';
}

async function runStatement(
  opened: AgentConsole,
  source: string,
  { onInterrupt, out, note }: Context,
): Promise<ConsoleOutcome & { readonly isInterrupted: boolean }> {
  const abort = new AbortController();
  const forget = onInterrupt(() => abort.abort());
  let errors = '';
  try {
    const outcome = await opened.run(source, {
      signal: abort.signal,
      onOutput: (text, stream) => {
        if (stream === 'out') out(escapeLines(text));
        else errors += text;
      },
    });
    return { ...outcome, isInterrupted: abort.signal.aborted };
  } finally {
    forget();
    if (errors !== '') note(escapeLines(errors.replace(/\n$/u, '')));
  }
}
