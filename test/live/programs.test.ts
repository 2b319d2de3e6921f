import { expect, test } from 'vitest';
import { findInterpreters } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

/** Names of functions that the ground truth of a program must show, on the thread of that name. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'single-thread.py': ['inner', 'middle', 'outer', '<module>'],
  'threads.py': ['third_function', 'second_function', 'first_function', '<module>'],
};

for (const interpreter of findInterpreters()) {
  test.each(Object.entries(EXPECTED))(
    `%s announces itself under ${interpreter.name}`,
    async (program, names) => {
      await using target = await startTarget(interpreter, program);
      const seen = target.groundTruth.threads.flatMap(({ frames }) => frames.map(({ name }) => name));
      expect(target.groundTruth.pid).toBe(target.pid);
      expect(seen).toEqual(expect.arrayContaining([...names]));
    },
  );
}
