import type { Profile, ProfileFrame, SamplingAccount } from '../profile/profile.ts';
import { samplesOf } from '../profile/sample-table.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import { collapsedPart, stackParts } from './collapsed.ts';
import type { FormatOptions, ProfileFormat } from './format.ts';

const IDLE = '(idle)';

/** Collapsed stacks as Pyflame writes them, `/srv/app.py:main:3;/srv/db.py:load:12 40`, or its flame chart. */
export const pyflame: ProfileFormat = {
  name: 'pyflame',
  endings: ['.pyflame'],
  summary: 'collapsed stacks as Pyflame writes them, file:function:line',
  write: (profile, options) =>
    options.isFlameChart === true ? chartLines(profile, options) : countLines(profile, options),
};

function* countLines(profile: Profile, { excludesIdle }: FormatOptions): Generator<string> {
  const { idle, failed } = lookedInVain(profile.account);
  const tree = new WeightedTree(profile);
  const nothing = tree.own(0).looks;
  if (excludesIdle !== true && idle + nothing > 0) yield `${IDLE} ${idle + nothing}\n`;
  if (failed > 0) yield `(failed) ${failed}\n`;
  const parts = profile.frames.map(framePart);
  const lines = new Map<string, number>();
  for (const stack of tree.seen()) {
    if (stack === 0) continue;
    const line = stackParts(tree, stack, parts).join(';');
    lines.set(line, (lines.get(line) ?? 0) + tree.own(stack).looks);
  }
  for (const [line, looks] of lines) yield `${line} ${looks}\n`;
}

/** A time in microseconds since the epoch, then what ran, for each look. */
function* chartLines(profile: Profile, { excludesIdle }: FormatOptions): Generator<string> {
  const parts = profile.frames.map(framePart);
  for (const { startNs, weightNs, looks, stack } of samplesOf(profile.samples)) {
    if (stack === 0 && excludesIdle === true) continue;
    const frames = stackParts(profile, stack, parts);
    const line = stack === 0 ? IDLE : frames.map((frame) => `${frame};`).join('');
    for (let look = 0; look < looks; look += 1) {
      const sinceStart = (startNs + (weightNs / looks) * look) / 1000;
      yield `${Math.round(profile.account.startedAt * 1000 + sinceStart)}\n${line}\n`;
    }
  }
}

/** Who looks for the holder of the GIL finds none while nothing runs. */
function lookedInVain({ mode, sweeps, samples, ...account }: SamplingAccount): {
  readonly idle: number;
  readonly failed: number;
} {
  const failed = account.tornSamples + account.unreadableSamples;
  return { failed, idle: mode === 'gil' ? Math.max(0, sweeps - samples - failed) : 0 };
}

/** Profiles by function have no line, as `pyflame -n`. Functions have their own name alone, as there and in its dumps. */
function framePart({ file, name, line, kind }: ProfileFrame): string {
  const ownName = kind === 'python' ? name.slice(name.lastIndexOf('.') + 1) : name;
  const parts = kind === 'python' || file !== '' ? [file, ownName] : [ownName];
  return collapsedPart([...parts, ...(line > 0 ? [line] : [])].join(':'));
}
