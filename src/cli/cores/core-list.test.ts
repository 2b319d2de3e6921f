import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/support/fake-cli.ts';
import { makeStoredCore } from '../../../test/support/stored-cores.ts';

const { path } = makeStoredCore();

describe('core without a file', () => {
  test('lists what systemd has kept, and says what to type next', async () => {
    const world = { storedCores: [makeStoredCore(), makeStoredCore({ isPython: false, pid: 7 })] };
    const { status, out, notes } = await runCommandLine(['core'], world);
    expect(status).toBe(0);
    expect(out.split('\n')).toHaveLength(4);
    expect(notes).toBe(`  pyflight core ${path}    shows the newest one of Python\n`);
  });

  test('says how to read a core of somebody else', async () => {
    const { notes } = await runCommandLine(['core'], {
      storedCores: [makeStoredCore({ isReadable: false })],
    });
    expect(notes).toContain(`sudo env "PATH=$PATH" pyflight core ${path}`);
  });

  test('quotes a name for the shell', async () => {
    const storedCores = [makeStoredCore({ path: '/c/core.a\\x2eb' })];
    const { notes } = await runCommandLine(['core'], { storedCores });
    expect(notes).toContain("pyflight core '/c/core.a\\x2eb'    shows");
  });

  test('prints JSON', async () => {
    const { out } = await runCommandLine(['core', '--json'], { storedCores: [makeStoredCore()] });
    expect(JSON.parse(out)).toMatchObject({ cores: [{ pid: 5010, signal: 11 }] });
  });

  test('says that there is none yet', async () => {
    const { status, out, notes } = await runCommandLine(['core'], { storedCores: [] });
    expect([status, out]).toEqual([0, '']);
    expect(notes).toContain('systemd has kept no core yet.');
  });

  test('is a wrong command line where systemd keeps none', async () => {
    const { status, notes } = await runCommandLine(['core']);
    expect(status).toBe(2);
    expect(notes.split('\n')).toEqual([
      "error: missing required argument 'core', as systemd keeps no cores here",
      '  pyflight core --help    shows what can be typed',
      '  Linux writes cores where /proc/sys/kernel/core_pattern says, after: ulimit -c unlimited',
      '',
    ]);
  });
});
