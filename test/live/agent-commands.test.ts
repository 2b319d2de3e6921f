import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { AgentScene, AUDIT_FILE } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { violations } from '../support/schemas.ts';

const env = { XDG_STATE_HOME: dirname(dirname(AUDIT_FILE)) };

const COMMANDS = `# what Python makes of it
getglobal __main__ loop -e "{1: 'é', 'b': target, None: print('said')}" -x 2
getglobal __main__ shapes -e target --jsonl
getglobal __main__ shapes -r
getglobal __main__ shapes -e "__import__('sys').exit(3)"
vmtool -c __main__ Shape -e "sorted(type(i).__name__ for i in instances)" --jsonl
vmtool -a forceGc --jsonl
console --eval 1
console --allow-write --eval "print(len(shapes))"
status --jsonl
getglobal __main_ shapes
getglobal __main_ shapes -e 1
getglobal __main__ shapse
getglobal __main__ shapse -r
vmtool -c __main__ Sharpe
vmtool -c __main__ Sharpe -e 1
vmtool -c __main__ say -e 1
`;

/** What is said of each name that is not there, in memory and by the agent alike. */
const MISSING = [
  /^error: Cannot find module __main_: it is not loaded in process \d+\n {2}Did you mean __main__\?$/gmu,
  /^error: Cannot find shapse in module __main__: it has no such name of its own\n {2}Did you mean shapes, Shape\?$/gmu,
  /^error: Cannot find Sharpe in module __main__: it has no such name of its own\n {2}Did you mean Shape\?$/gmu,
];

const STATEMENTS = `for i in range(2):
    print(i)

hostile
fail()
'é'
exit()
never
`;

describeInterpreters('3.6', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded)(
    'commands that bring code in: what they print, refuse, and write down',
    async () => {
      await using scene = await AgentScene.open(interpreter);
      const run = await runPyflight([`${scene.pid}`], { input: COMMANDS, env });
      // Of the first that failed.
      expect(run.status).toBe(1);
      expect(run.notes).toMatch(
        /RuntimeError was raised[\s\S]*SystemExit: 3[\s\S]*Cannot open a console: it can change the process/u,
      );
      for (const words of MISSING) expect(run.notes.match(words)).toHaveLength(2);
      expect(run.notes).toContain('Cannot find it in the process: say of __main__ is no class');
      expect(run.out).toMatch(/^said\n {2}EXPR: {7}\{1: 'é'/u);
      expect(run.out).toContain(
        '1: "é",\n                "b": [\n                  1,\n                  <cycle: ',
      );
      expect(run.out).toContain('None: None\n');
      expect(run.out).toContain('\n2\n');
      const [value, instances, collection, status] = run.out
        .split('\n')
        .filter((line) => line.startsWith('{"'))
        .map((line) => JSON.parse(line));
      expect(violations('evaluation', value)).toEqual([]);
      expect(value).toMatchObject({ command: 'getglobal', level: 'L2', typeName: 'list', total: null });
      // A failing __repr__ is not asked.
      expect(value.value.items[0]).toMatchObject({ kind: 'instance', typeName: '__main__.Square' });
      expect(violations('evaluation', instances)).toEqual([]);
      expect(instances.total).toBe(2);
      expect(instances.value.items.map((item: { value: string }) => item.value)).toEqual(['Shape', 'Square']);
      expect(violations('agent', collection)).toEqual([]);
      expect(violations('agent', status)).toEqual([]);

      const typed = await runPyflight(['console', `${scene.pid}`, '--allow-write'], {
        input: STATEMENTS,
        env,
      });
      expect(typed).toMatchObject({
        status: 1,
        out: "0\n1\n'\\x1b[2J\\udc80'\n'é'\n",
        notes: expect.stringContaining('ValueError: it fails'),
      });
      const left = await runPyflight(['detach', `${scene.pid}`, '--json'], { env });
      expect(violations('agent', JSON.parse(left.out))).toEqual([]);
      // What the process prints next is this alone: nothing of all that has come to its output.
      expect(await scene.ask('"here"')).toBe('here');

      const written = readFileSync(AUDIT_FILE, 'utf8').trimEnd().split('\n');
      const ops = written.map((line) => JSON.parse(line)).filter(({ pid }) => pid === scene.pid);
      expect([...new Set(ops.map(({ op }) => op))].sort()).toEqual(
        [
          'attach',
          'console-close',
          'console-open',
          'console-run',
          'evaluate',
          'forceGc',
          'instances',
          'leave',
        ].sort(),
      );
      expect(statSync(AUDIT_FILE).mode & 0o777).toBe(0o600);
    },
  );
});
