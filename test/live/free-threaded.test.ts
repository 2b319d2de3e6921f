import { describe, expect, test } from 'vitest';
import { attach, startSampling } from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

const interpreters = findInterpreters().filter(({ isFreeThreaded }) => isFreeThreaded);

if (interpreters.length === 0) test.skip('free-threaded CPython (none is here)', () => undefined);

describe.each(interpreters)('free-threaded CPython $name', (interpreter) => {
  test('what needs a GIL, code inside, or the lists of the collector says so in a sentence, and changes nothing', async () => {
    await using scene = await AgentScene.open(interpreter);
    const pid = `${scene.pid}`;
    const before = await scene.footprint();
    for (const words of [
      ['getglobal', pid, '__main__', 'shapes', '-e', 'len(target)'],
      ['console', pid, '--allow-write'],
      ['mem', pid, 'alloc'],
    ])
      expect(await runPyflight(words)).toEqual({
        status: 6,
        out: '',
        notes: [
          `error: Cannot run code in process ${pid}: it is a free-threaded build, whose other threads would run on while code is brought in and functions are changed`,
          '  Run the program with the usual build of Python, which has a GIL.',
          `  pyflight stack ${pid}    shows what its threads do, without running anything in it`,
          `  pyflight locks ${pid}    shows what its threads wait for, and who holds that`,
          '',
        ].join('\n'),
      });
    expect(await runPyflight(['mem', pid, 'summary'])).toEqual({
      status: 5,
      out: '',
      notes: [
        'error: Cannot list its objects: free-threaded builds of CPython keep no lists of them, only the heap of their allocator',
        '  pyflight stack <pid> --locals    shows the objects that its frames hold',
        '',
      ].join('\n'),
    });
    const profile = await runPyflight([
      'perf',
      pid,
      '--gil',
      '-d',
      '0.1',
      '-f',
      '-',
      '--format',
      'collapsed',
    ]);
    expect(profile).toMatchObject({ status: 7, out: '' });
    expect(profile.notes).toContain(
      'No thread needs the GIL of a free-threaded build, unless it was switched on: leave out --gil.\n',
    );
    expect(await scene.footprint()).toEqual(before);
  });

  test('a GIL that was switched on has its holder, those that wait for it, and a profile', async () => {
    await using target = await startTarget(interpreter, 'gil-contention.py', { env: { PYTHON_GIL: '1' } });
    using inspection = await attach(target.pid);
    const gils = () => inspection.snapshot().threads.map(({ gil }) => gil);
    expect(Array.from({ length: 40 }, gils).flat()).toEqual(
      expect.arrayContaining(['holds', 'waits', 'none']),
    );
    const { account } = await startSampling(target.pid, { rateHz: 500, sweeps: 40, mode: 'gil' }).ended;
    expect(account.samples).toBeGreaterThan(0);
    expect(account.samples).toBeLessThanOrEqual(account.sweeps);
  });
});
