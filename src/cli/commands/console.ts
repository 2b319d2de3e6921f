import type { AgentSession } from '../../api/index.ts';
import { AGENT_OPTIONS, agentOptionsOf } from '../agent/agent-options.ts';
import { converse, runOnce } from '../agent/console-talk.ts';
import { defineCommand } from '../command.ts';
import { ALLOW_WRITE, confirmChange } from '../confirmation.ts';
import type { Context } from '../context.ts';

/** `pyflight console <pid>`: Python inside the process. */
export const console = defineCommand({
  name: 'console',
  summary: 'Type Python that runs inside a process, which it can change',
  level: 'L4',
  withoutJson: 'what is typed prints what it will; getglobal -e evaluates an expression for programs',
  arguments: { pid: { kind: 'pid', help: 'Process to run it in' } },
  options: {
    ...AGENT_OPTIONS,
    allowWrite: ALLOW_WRITE,
    eval: { kind: 'text', valueName: 'statement', help: 'Run this and leave' },
  },
  examples: [
    [
      'console 4242',
      'names of the main module are at hand; exit() or Ctrl-D leaves, Ctrl-C stops a statement',
    ],
    ['console 4242 --allow-write < statements.py', 'as if each line was typed'],
    ['console 4242 --allow-write --eval "len(cache)"', 'in a script: the status is 1 when it raised'],
  ],

  async run({ pid, eval: statement, allowWrite, ...wishes }, context) {
    const needsReader = statement === undefined || !allowWrite;
    // node:readline takes 4 ms.
    using reader = needsReader
      ? await (await import('../prompt/open-reader.ts')).borrowReader(context)
      : undefined;
    if (reader !== undefined && !allowWrite) {
      const question = `What is typed can change process ${pid} in any way.`;
      await confirmChange(reader, { question, what: 'open a console' }, context);
    }
    using agent = await context.api.openAgent(pid, agentOptionsOf(wishes, context));
    noteAudit(agent, context);
    const opened = await agent.openConsole();
    const outcome =
      statement !== undefined || reader === undefined
        ? await runOnce(opened, statement ?? '', context)
        : await converse(opened, reader, context);
    await opened.close();
    return outcome;
  },
});

function noteAudit({ isAudited }: AgentSession, { note }: Context): void {
  if (!isAudited) note('warning: the audit file cannot be written, so that nothing of this is kept');
}
