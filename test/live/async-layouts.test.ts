import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asyncioLayoutOf } from '../../src/cpython/asyncio/asyncio-source.ts';
import type { AsyncioLayout } from '../../src/cpython/layouts/layout.ts';
import { hasGdb } from '../support/gdb.ts';
import type { Interpreter } from '../support/interpreters.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { measuredLayout } from '../support/python-writer.ts';

/** Each field as C has it. */
const MEMBERS: Readonly<Record<keyof AsyncioLayout, string>> = {
  futureSizeBytes: 'sizeof(FutureObj)',
  taskSizeBytes: 'sizeof(TaskObj)',
  loop: 'task_loop',
  callback0: 'task_callback0',
  callbacks: 'task_callbacks',
  exception: 'task_exception',
  sourceTraceback: 'task_source_tb',
  state: 'task_state',
  awaitedBy: 'task_awaited_by',
  isAwaitedBySet: 'task_awaited_by_is_set',
  waiter: 'task_fut_waiter',
  coroutine: 'task_coro',
  name: 'task_name',
};

/** Where the C module lies, or the program that it is linked into. */
function moduleFile({ command, root, path }: Interpreter): string {
  const [first = '', ...rest] = command;
  const script = 'import _asyncio; print(getattr(_asyncio, "__file__", ""))';
  const file = spawnSync(first, [...rest, '-S', '-c', script], { encoding: 'utf8' }).stdout.trim();
  return file === '' ? path : join(root ?? '/', file);
}

/** What gdb makes of the DWARF of a file: absent members are absent; empty without DWARF. */
function measured(file: string): ReadonlyMap<string, number> {
  const commands = Object.entries(MEMBERS).flatMap(([field, member]) => {
    const value = member.startsWith('sizeof') ? member : `&((TaskObj *)0)->${member}`;
    return ['-ex', `printf "${field} %lu\\n", (unsigned long)${value}`];
  });
  const settings = ['-iex', 'set debuginfod enabled off'];
  const { stdout } = spawnSync('gdb', ['-nx', '-batch', ...settings, ...commands, file], {
    encoding: 'utf8',
  });
  const lines = stdout.matchAll(/^(\w+) (\d+)$/gmu);
  return new Map([...lines].map(([, field = '', value]) => [field, Number(value)] as const));
}

describeInterpreters('3.6', (interpreter) => {
  test.skipIf(!hasGdb() || interpreter.isDebugBuild)('asyncioLayoutOf() is what DWARF says', (context) => {
    const found = measured(moduleFile(interpreter));
    if (found.size === 0) context.skip('_asyncio has no DWARF here');
    const { family, isFreeThreaded } = interpreter;
    const layout = measuredLayout(isFreeThreaded ? `${family}t` : family);
    const known = Object.entries({ ...asyncioLayoutOf({ layout }) }).filter(
      ([, value]) => value !== undefined,
    );
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(found));
  });
});
