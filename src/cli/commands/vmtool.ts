import { BadArgumentError } from '../../base/errors.ts';
import type { InstanceReport } from '../../model/instance-report.ts';
import { instanceLines } from '../../report/value-layout.ts';
import { instancesToJson } from '../../report/values-json.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { jsonOption } from '../json-output.ts';
import {
  askMemory,
  MEMORY_OPTIONS,
  notePause,
  noteProblems,
  outDocument,
  outLines,
} from '../memory-question.ts';
import { depthOf, EXPAND_OPTION, noteIfCut, treeMannerOf } from '../value-options.ts';

/** `pyflight vmtool <pid> -a getInstances -c module class`: the objects of a class. */
export const vmtool = defineCommand({
  name: 'vmtool',
  summary: 'Print the instances of a class and of its subclasses, from memory',
  level: 'L1',
  arguments: { target: { kind: 'target', help: 'Process to look into' } },
  options: {
    action: { kind: 'choice', short: 'a', choices: ['getInstances'], help: 'What to do' },
    class: {
      kind: 'words',
      short: 'c',
      valueNames: ['module', 'class'],
      help: 'Class, which may be Outer.Inner; module:Class too',
      completes: ['module', 'class'],
    },
    limit: {
      kind: 'number',
      short: 'n',
      valueName: 'count',
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
      all: -1,
      whenAbsent: 10,
      help: 'Instances that are shown; all are counted',
    },
    expand: { ...EXPAND_OPTION, whenAbsent: 1 },
    referrers: { kind: 'flag', help: 'Show what holds each of them' },
    ...MEMORY_OPTIONS,
    json: jsonOption('instances'),
  },
  examples: [
    ['vmtool 4242 -a getInstances -c shop.cart Cart', 'how many there are, and ten of them'],
    ['vmtool 4242 -c shop.cart:Cart -n 3 -x 2', 'three of them, deeper'],
    ['vmtool 4242 -c shop.cart Cart -n 1 --referrers', 'what keeps one alive'],
    ['vmtool --core core.4242 -c shop.cart Cart -n 0', 'how many a process had that is gone'],
  ],

  async run({ action: _, class: words, limit, expand, referrers, json, ...wishes }, context) {
    const [module, className] = words ?? [];
    if (module === undefined || className === undefined)
      throw new BadArgumentError('Cannot look for instances of no class: name it with -c <module> <class>');
    const extent = { depth: depthOf(expand), whole: context.verbosity > 0 };
    const wanted = { module, className, limit: limit === -1 ? MOST_SHOWN : limit, referrers, ...extent };
    const report = await askMemory(wishes, context, (inspection, pause) =>
      inspection.instances({ ...wanted, ...pause }),
    );
    if (json !== undefined)
      outDocument('vmtool', report, { document: instancesToJson(report), mode: json }, context);
    else {
      const { lines, isCut } = instanceLines(report, treeMannerOf(expand, context));
      outLines(lines, context);
      noteIfCut(isCut, context);
    }
    noteUntracked(report, context);
    notePause(report.pauseNs, context);
    return noteProblems(report.problems, context);
  },
});

/** All that can be of any use; a million addresses are a few MB. */
const MOST_SHOWN = 1_000_000;

function noteUntracked({ untracked, className }: InstanceReport, { note }: Context): void {
  if (untracked === 'all')
    note(
      `note: the collector tracks no instances of ${className}, as they can hold no other objects; its lists have only those of subclasses that can`,
    );
  if (untracked === 'some')
    note(
      `note: the collector tracks a ${className} only when it holds something that it tracks; others are in none of its lists`,
    );
}
