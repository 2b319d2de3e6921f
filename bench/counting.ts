import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Interpreter } from '../test/support/interpreters.ts';
import { measure, printComparison } from './comparison.ts';
import { load } from './families.ts';

/** Thirteen objects for each of the first: instances with and without a dict, lists, dicts, tuples, texts and numbers. */
const PROGRAM = `
import sys, time
class Line(object):
    __slots__ = ("sku", "count")
    def __init__(self, number):
        self.sku, self.count = "sku-%d" % number, number + 1000
class Cart(object):
    def __init__(self, number):
        self.number = number + 1000
        self.lines = [Line(number), Line(number + 1)]
        self.tags = {"key": (number, str(number))}
carts = [Cart(number) for number in range(int(sys.argv[1]) // 13)]
print("ready")
sys.stdout.flush()
time.sleep(3600)
`;
const RUNS = 5;

/** Times `mem summary` of a process with that many objects: the whole command, its processor time and its peak of memory. */
export async function measureCounting(interpreter: Interpreter, objects: number): Promise<void> {
  const [program = '', ...words] = interpreter.command;
  const target = spawn(program, [...words, '-c', PROGRAM, `${objects}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(target.stdout, 'data');
    const command = `${process.execPath} bin/pyflight.cjs mem ${target.pid} summary`;
    // A heap that is too large to be copied is counted while it moves, which is told by status 1.
    const runs = Array.from({ length: RUNS }, () => measure(['sh', '-c', `${command} || [ $? = 1 ]`]));
    console.log(`CPython ${interpreter.version}, ${objects} objects, ${RUNS} runs; load ${load()}`);
    printComparison(new Map([['mem summary', runs]]));
  } finally {
    target.kill('SIGKILL');
  }
}
