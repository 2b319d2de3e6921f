import { processTableLines } from '../report/process-table.ts';
import type { Context } from './context.ts';

/**
 * Shows the Python processes as a numbered table and asks for one, by its row or its pid; `undefined` when the
 * person leaves with Enter, `q` or Ctrl-D, or when there is none.
 */
export async function pickProcess(
  ask: (prompt: string) => Promise<string | undefined>,
  { api, out, note, style, columns }: Context,
): Promise<number | undefined> {
  const processes = await api.listPythonProcesses();
  if (processes.length === 0) {
    note('No Python process can be seen from here.');
    return undefined;
  }
  out(`${[...processTableLines(processes, { style, columns, isNumbered: true })].join('\n')}\n`);
  for (;;) {
    const answer = (await ask('Row or pid to open, Enter to leave: '))?.trim();
    if (answer === undefined || answer === '' || answer === 'q') return undefined;
    const wanted = /^[0-9]+$/.test(answer) ? Number(answer) : undefined;
    const chosen =
      processes.find((_, index) => index + 1 === wanted) ?? processes.find(({ pid }) => pid === wanted);
    if (chosen !== undefined) return chosen.pid;
    note(`There is no row or pid ${answer}.`);
  }
}
