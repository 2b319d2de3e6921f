import { departureToJson } from '../../report/agent-json.ts';
import { departureLines } from '../../report/agent-layout.ts';
import { ANSWER_OPTIONS, agentOptionsOf } from '../agent/agent-options.ts';
import { defineCommand } from '../command.ts';
import { jsonOption, jsonText } from '../json-output.ts';

/** Makes `pyflight detach <pid>` under one of its names. */
function makeDetach(name: 'detach' | 'stop') {
  return defineCommand({
    name,
    summary:
      name === 'detach' ? 'Take the agent out of a process, and count what is left' : 'The same as detach',
    level: 'L2',
    arguments: { pid: { kind: 'pid', help: 'Process to leave' } },
    options: { ...ANSWER_OPTIONS, json: jsonOption('agent') },
    examples: [[`${name} 4242`, 'ends the sessions of everybody who is attached']],

    async run({ pid, json, timeout }, context) {
      const { out, style } = context;
      using agent = await context.api.findAgent(pid, agentOptionsOf({ timeout }, context));
      const departure = await agent?.detach();
      if (json !== undefined)
        out(jsonText(departureToJson(departure), { command: name, level: 'L2', pid }, json, context));
      else if (departure === undefined) out(`No agent is inside process ${pid}: nothing to remove.\n`);
      else out([...departureLines(departure, style), ''].join('\n'));
      const { threads, sockets, files } = departure?.left ?? { threads: 0, sockets: 0, files: 0 };
      const isClean = threads + sockets + files + (departure?.kept.length ?? 0) === 0;
      return isClean ? 'complete' : 'partial';
    },
  });
}

/** `pyflight detach <pid>` */
export const detach = makeDetach('detach');

/** `pyflight stop <pid>`: the word that others have for it. */
export const stop = makeDetach('stop');
