import { agentStatusToJson } from '../../report/agent-json.ts';
import { agentStatusLines } from '../../report/agent-layout.ts';
import { ANSWER_OPTIONS, agentOptionsOf } from '../agent/agent-options.ts';
import { defineCommand } from '../command.ts';
import { jsonOption, jsonText } from '../json-output.ts';

/** `pyflight status <pid>`: who is attached. */
export const status = defineCommand({
  name: 'status',
  summary: 'Tell whether an agent is inside a process, who uses it, and what it has hooked',
  level: 'L2',
  arguments: { pid: { kind: 'pid', help: 'Process to look into' } },
  options: { ...ANSWER_OPTIONS, json: jsonOption('agent') },
  examples: [
    ['status 4242', 'brings nothing in: without an agent it says so'],
    ['status 4242 --json', 'the same for programs'],
  ],

  async run({ pid, json, timeout }, context) {
    const { out, style } = context;
    using agent = await context.api.findAgent(pid, agentOptionsOf({ timeout }, context));
    const found = await agent?.status();
    if (json !== undefined)
      out(jsonText(agentStatusToJson(found), { command: 'status', level: 'L2', pid }, json, context));
    else if (found === undefined) out(`No agent is inside process ${pid}.\n`);
    else out([...agentStatusLines(found, style), ''].join('\n'));
    return 'complete';
  },
});
