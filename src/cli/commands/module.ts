import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import type { ModuleReport } from '../../model/loaded-module.ts';
import { modulesToJson } from '../../report/modules-json.ts';
import { fileRemark, moduleLines } from '../../report/modules-text.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { jsonOption } from '../json-output.ts';
import {
  askMemory,
  MEMORY_OPTIONS,
  notePause,
  noteProblems,
  outDocument,
} from '../memory/memory-question.ts';
import { outLines } from '../out-lines.ts';

/** `pyflight module <pid> <file>`: under which name a file is loaded; with `--list` all modules. */
export const module = defineCommand({
  name: 'module',
  summary: 'Print the module that a file is loaded as, or all loaded modules',
  level: 'L1',
  arguments: {
    target: { kind: 'target', help: 'Process to look into' },
    file: {
      kind: 'optional-word',
      help: 'File or directory; with --list a pattern of names, as shop.*',
      completes: 'file',
    },
  },
  options: {
    list: { kind: 'flag', short: 'l', help: 'List modules with their files, and what became of those' },
    ...MEMORY_OPTIONS,
    json: jsonOption('modules'),
  },
  examples: [
    ['module 4242 shop/cart.py', 'the name under which it is loaded'],
    ['module 4242 --list', 'all modules'],
    ['module 4242 --list "shop.*"', 'some; those whose files were changed are marked'],
    ['module --core core.4242 /srv/shop/cart.py', 'of a process that is gone'],
  ],

  async run({ file, list, json, ...wishes }, context) {
    if (file === undefined && !list)
      throw new BadArgumentError('Cannot look for no file: name one, or list all modules with --list');
    const options = file === undefined ? {} : list ? { glob: file } : { file };
    const report = await askMemory(wishes, context, (inspection, pause) =>
      inspection.modules({ ...options, ...pause }),
    );
    const isCore = wishes.target.kind === 'core';
    if (json !== undefined)
      outDocument('module', report, { document: modulesToJson(report), mode: json }, context);
    else if (list && report.modules.length > 0)
      outLines(moduleLines(report, { style: context.style, width: context.columns, isCore }), context);
    else if (!list) printNames(report, isCore, context);
    notePause(report.pauseNs, context);
    noteMeaning(report, context);
    const outcome = noteProblems(report.problems, context);
    return report.modules.length > 0 ? outcome : noteNothing(report, file, context);
  },
});

/** A name a line, for scripts; what is odd about the file is said beside it. */
function printNames({ modules }: ModuleReport, isCore: boolean, context: Context): void {
  for (const module of modules) {
    context.out(`${escapeForTerminal(module.name)}\n`);
    const remark = fileRemark(module, isCore);
    const name = escapeForTerminal(`${module.name} (${module.file})`);
    if (remark !== undefined) context.note(`warning: the file of ${name} is ${remark}`);
  }
}

/** Says which of two files is meant that a relative path leads to. */
function noteMeaning({ meant, process, modules }: ModuleReport, { note }: Context): void {
  if (meant?.other === undefined || modules.length === 0) return;
  const { from, path, other } = meant;
  const which =
    from === 'ours'
      ? `${path}; ${other} in the working directory of process ${process.pid} was not looked for`
      : `${path} in the working directory of process ${process.pid}; ${other} is not loaded`;
  note(escapeForTerminal(`note: this is ${which}`));
}

function noteNothing({ process }: ModuleReport, file: string | undefined, { note, style }: Context): Outcome {
  note(
    `${style.red('error:')} ${escapeForTerminal(file ?? 'nothing')} is not loaded in process ${process.pid}`,
  );
  return 'no-match';
}
