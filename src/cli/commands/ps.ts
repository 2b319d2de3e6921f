import { processTableLines } from '../../report/process-table.ts';
import { processesToJson } from '../../report/processes-json.ts';
import { defineCommand } from '../command.ts';
import { jsonOption, jsonText } from '../json-output.ts';

/** `pyflight ps`: the Python processes of this machine. */
export const ps = defineCommand({
  name: 'ps',
  summary: 'List the Python processes that can be seen from here',
  level: 'L0',
  arguments: {},
  options: { json: jsonOption('processes') },
  examples: [
    ['ps', 'a row for each, with its version, age and memory'],
    ['ps --json', 'the same for programs'],
  ],

  async run({ json }, context) {
    const { api, out, note, style, columns } = context;
    const processes = await api.listPythonProcesses();
    if (json !== undefined)
      out(jsonText(processesToJson(processes), { command: 'ps', level: 'L0' }, json, context));
    else if (processes.length === 0) note('No Python process can be seen from here.');
    else out(`${[...processTableLines(processes, { style, columns, isNumbered: false })].join('\n')}\n`);
    return 'complete';
  },
});
