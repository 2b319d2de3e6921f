import { removalToJson } from '../../report/agent-json.ts';
import { removalLines } from '../../report/agent-layout.ts';
import { ANSWER_OPTIONS, agentOptionsOf } from '../agent/agent-options.ts';
import { defineCommand } from '../command.ts';
import { jsonOption, jsonText } from '../json-output.ts';

/** `pyflight reset <pid> [glob]`: takes hooks out. */
export const reset = defineCommand({
  name: 'reset',
  summary: 'Take hooks out of functions; the agent stays',
  level: 'L2',
  arguments: {
    pid: { kind: 'pid', help: 'Process to look into' },
    glob: { kind: 'optional-word', help: 'Only hooks on functions that match, as shop.*' },
  },
  options: { ...ANSWER_OPTIONS, json: jsonOption('agent') },
  examples: [
    ['reset 4242', 'all hooks, whoever has put them there'],
    ['reset 4242 "shop.orders*"', 'those on functions of one module'],
  ],

  async run({ pid, glob, json, timeout }, context) {
    using agent = await context.api.findAgent(pid, agentOptionsOf({ timeout }, context));
    const removal = (await agent?.reset(glob)) ?? { removed: [], kept: [] };
    if (agent === undefined)
      context.note(`note: no agent is inside process ${pid}, and so no hooks are there`);
    if (json !== undefined)
      context.out(jsonText(removalToJson(removal), { command: 'reset', level: 'L2', pid }, json, context));
    else context.out([...removalLines(removal), ''].join('\n'));
    return removal.kept.length === 0 ? 'complete' : 'partial';
  },
});
