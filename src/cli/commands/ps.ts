import { formatJson } from '../../report/json-value.ts';
import { processTableLines } from '../../report/process-table.ts';
import { processesToJson } from '../../report/processes-json.ts';
import { defineCommand } from '../command.ts';

/** `pyflight ps`: the Python processes of this machine. */
export const ps = defineCommand({
  name: 'ps',
  summary: 'List the Python processes that can be seen from here',
  arguments: {},
  options: { json: { kind: 'flag', help: 'Print JSON (docs/processes.schema.json)' } },
  examples: [
    ['ps', 'a row for each, with its version, age and memory'],
    ['ps --json', 'the same for programs'],
  ],

  async run({ json }, { api, out, note, style, columns }) {
    const processes = await api.listPythonProcesses();
    if (json) out(`${formatJson(processesToJson(processes), 2)}\n`);
    else if (processes.length === 0) note('No Python process can be seen from here.');
    else out(`${[...processTableLines(processes, { style, columns, isNumbered: false })].join('\n')}\n`);
    return 'complete';
  },
});
