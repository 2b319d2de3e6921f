import type { StoredCore } from '../../api/index.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import { coreTableLines } from '../../report/core-table.ts';
import { storedCoresToJson } from '../../report/stored-cores-json.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { reportUsage } from '../failure.ts';
import { type JsonMode, jsonText } from '../json-output.ts';
import { joinShellWords } from '../shell-words.ts';

const WHERE_CORES_GO =
  'Linux writes cores where /proc/sys/kernel/core_pattern says, after: ulimit -c unlimited';

/** Prints the cores that systemd has kept; where it keeps none, a core must be named. */
export async function listCores(json: JsonMode | undefined, context: Context): Promise<Outcome> {
  const { api, out, note, style, columns } = context;
  const cores = await api.listStoredCores();
  if (cores === undefined) {
    reportUsage("missing required argument 'core', as systemd keeps no cores here", 'core --help', context);
    note(`  ${WHERE_CORES_GO}`);
    return 'usage';
  }
  if (json !== undefined) {
    out(jsonText(storedCoresToJson(cores), { command: 'core', level: 'L0' }, json, context));
    return 'complete';
  }
  const [first] = cores;
  if (first === undefined) {
    note('systemd has kept no core yet.');
    note(`  ${WHERE_CORES_GO}`);
    return 'complete';
  }
  out(`${[...coreTableLines(cores, { style, columns })].join('\n')}\n`);
  note(`  ${nextLine(first, context)}`);
  return 'complete';
}

function nextLine({ path, isReadable, isPython }: StoredCore, { programName }: Context): string {
  const words = joinShellWords([programName, 'core', path]);
  const which = isPython ? 'the newest one of Python' : 'the newest one';
  const line = isReadable ? words : `sudo env "PATH=$PATH" ${words}`;
  return escapeForTerminal(`${line}    shows ${which}`);
}
