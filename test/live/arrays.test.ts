import { describe, expect, test } from 'vitest';
import { attach, formatObject } from '../../src/api/index.ts';
import { budgetOf } from '../../src/model/value-extent.ts';
import { canImport } from '../support/interpreters.ts';
import { interpretersWith, startWithPackages } from '../support/with-package.ts';

/** A name, what it is shown as by the agent, and what from memory where that is less. */
type Row = readonly [name: string, byAgent: string, fromMemory?: string];

const NUMPY: readonly Row[] = [
  ['halves', 'numpy.ndarray dtype=float16 shape=(4,) [1.5, -2.0, 65504.0, 5.960464477539063e-08]'],
  ['singles', 'numpy.ndarray dtype=float32 shape=(4, 5) [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, …(+14 more)]'],
  ['strided', 'numpy.ndarray dtype=int64 shape=(4, 5) [9, 7, 5, 3, 1, 39, …(+14 more)]'],
  ['swapped', 'numpy.ndarray dtype=>int32 shape=(2,) [0, 1]', 'numpy.ndarray dtype=>int32 shape=(2,)'],
  ['narrow', 'numpy.ndarray dtype=complex64 shape=(1,) [(1+2j)]'],
  ['wide', 'numpy.ndarray dtype=complex128 shape=(2,) [(1+2j), (3+0j)]'],
  ['truths', 'numpy.ndarray dtype=bool shape=(2,) [True, False]'],
  ['scalar', 'numpy.ndarray dtype=int64 shape=() [5]'],
  ['empty', 'numpy.ndarray dtype=float64 shape=(0, 3)'],
  ['words', "numpy.ndarray dtype=str shape=(2,) ['a', 'bb']", 'numpy.ndarray dtype=str shape=(2,)'],
  [
    'days',
    'numpy.ndarray dtype=datetime64 shape=(1,) [datetime.date(2020, 1, 2)]',
    'numpy.ndarray dtype=datetime64 shape=(1,)',
  ],
  ['rows', 'numpy.ndarray dtype=void shape=(1,) [(0, 0.0)]', 'numpy.ndarray dtype=void shape=(1,)'],
  [
    'objects',
    "numpy.ndarray dtype=object shape=(2,) [{'a': 1}, None]",
    'numpy.ndarray dtype=object shape=(2,)',
  ],
  [
    'looped',
    'numpy.ndarray dtype=object shape=(1,) [<numpy.ndarray ...>]',
    'numpy.ndarray dtype=object shape=(1,)',
  ],
  ['watchful', '__main__.Watchful dtype=int64 shape=(3,) [0, 1, 2]'],
];

const TORCH: readonly Row[] = [
  [
    'tensor',
    'torch.Tensor dtype=float32 shape=(4, 5) device=cpu [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, …(+14 more)]',
  ],
  ['parameter', 'torch.nn.parameter.Parameter dtype=float32 shape=(2,) device=cpu [1.0, 1.0]'],
  ['brain', 'torch.Tensor dtype=bfloat16 shape=(2,) device=cpu [1.5, -2.0]'],
  ['integers', 'torch.Tensor dtype=int64 shape=(4, 5) device=cpu [0, 2, 4, 6, 8, 30, …(+14 more)]'],
  ['doubles', 'torch.Tensor dtype=complex128 shape=(1,) device=cpu [(1+2j)]'],
  ['conjugate', 'torch.Tensor dtype=complex64 shape=(1,) device=cpu'],
  ['nowhere', 'torch.Tensor dtype=float32 shape=(3, 4) device=meta'],
  ['sparse', 'torch.Tensor dtype=float32 shape=(3, 3) device=cpu'],
  ['subclass', '__main__.Asked dtype=float32 shape=(2,) device=cpu [1.0, 1.0]'],
  ['dispatched', '__main__.Dispatched object'],
];

const found = interpretersWith('numpy');
if (found.length === 0) test.skip('arrays (no interpreter imports numpy)', () => undefined);

for (const interpreter of found)
  describe(`arrays and tensors on CPython ${interpreter.name}`, () => {
    const hasTorch = canImport(interpreter, 'torch');
    test(`show their type, shape and first values${hasTorch ? '' : ' (it has no torch)'}`, async () => {
      await using target = await startWithPackages(interpreter, 'arrays.py');
      await target.nextLine();
      using inspection = await attach(target.pid);
      using agent = await inspection.agent();
      const budget = budgetOf({ depth: 2 });
      const rows = hasTorch ? [...NUMPY, ...TORCH] : NUMPY;
      for (const [name, byAgent] of rows) {
        const { value } = await agent.evaluate({ module: '__main__', expression: name, budget });
        expect([name, textOf(value.kind === 'view' ? formatObject(value.view, 1000) : '')]).toEqual([
          name,
          byAgent,
        ]);
      }
      expect(await agent.evaluate({ module: '__main__', expression: 'len(asked)' })).toMatchObject({
        value: { view: { value: 0n } },
      });
      for (const [name, byAgent, fromMemory = byAgent] of NUMPY) {
        const { value } = inspection.global({ module: '__main__', path: [name] });
        expect([name, textOf(formatObject(value, 1000))]).toEqual([name, fromMemory]);
      }
      expect((await agent.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
    });
  });

/** Without brackets and addresses. */
function textOf(text: string): string {
  return text.replace(/ at 0x[\da-f]+/gu, '').replace(/^<(.*)>$/u, '$1');
}
