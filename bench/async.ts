/**
 * Times `pyflight stack --async` on tasks that wait, as a list and as a tree, and on 3.14 and later `python -m asyncio ps`
 * of the same interpreter beside it, turn by turn.
 *
 *     npm run bench:async
 *     npm run bench:async -- --runs 10 --tasks 1000
 */
import { parseArgs } from 'node:util';
import { cpythonTool } from '../test/support/asyncio-tools.ts';
import { findInterpreters, type Interpreter } from '../test/support/interpreters.ts';
import { startTarget } from '../test/support/target.ts';
import { compareTools, pauseOf, type Tool } from './comparison.ts';

const FAMILIES: readonly string[] = ['3.8', '3.11', '3.13', '3.14'];

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, tasks: { type: 'string', default: '10000' } },
});
const runs = Number(options.runs);
console.log(`Node.js ${process.version}; ${options.tasks} tasks, ${options.runs} runs each`);
for (const interpreter of pickInterpreters()) {
  await using target = await startTarget(interpreter, 'async-tasks.py', { args: ['c', options.tasks] });
  console.log(`\nCPython ${interpreter.version}`);
  compareTools(toolsFor(interpreter), target.pid, runs);
  console.log(`  our pause ${pauseOf(target.pid, runs, ['--async'])}`);
}

function pickInterpreters(): readonly Interpreter[] {
  const fits = ({ kind }: Interpreter) => kind === 'shared' || kind === 'other-root';
  return FAMILIES.flatMap(
    (family) => findInterpreters().find((each) => each.family === family && fits(each)) ?? [],
  );
}

function toolsFor(interpreter: Interpreter): readonly Tool[] {
  const ours = ['--async', '--async --tree'].map((words) => ({
    name: `pyflight ${words}`,
    command: (pid: number) => [process.execPath, 'bin/pyflight.cjs', 'stack', `${pid}`, ...words.split(' ')],
  }));
  if (Number(interpreter.family.split('.')[1]) < 14) return ours;
  return [
    ...ours,
    { name: 'asyncio ps', command: (pid) => cpythonTool(interpreter, ['-m', 'asyncio', 'ps', `${pid}`]) },
  ];
}
