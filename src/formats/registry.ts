import { BadArgumentError } from '../base/errors.ts';
import { chromeTrace } from './chrome-trace.ts';
import { collapsed } from './collapsed.ts';
import { flameGraphSvg } from './flame-graph-svg.ts';
import type { ProfileFormat } from './format.ts';
import { gecko } from './gecko.ts';
import { heatmap } from './heatmap.ts';
import { html } from './html.ts';
import { markdown } from './markdown.ts';
import { pprof } from './pprof.ts';
import { pyflame } from './pyflame.ts';
import { pyflight } from './pyflight.ts';
import { speedscope } from './speedscope.ts';

/** Every way to write a profile. */
export const FORMATS: readonly ProfileFormat[] = [
  flameGraphSvg,
  html,
  collapsed,
  speedscope,
  pprof,
  gecko,
  chromeTrace,
  markdown,
  heatmap,
  pyflame,
  pyflight,
];

/**
 * Finds a format by its name, `speedscope`, or that of a file, `out/shop.speedscope.json`: the longest ending counts.
 *
 * @throws {BadArgumentError} with the list of all when there is none
 */
export function findFormat(nameOrFile: string): ProfileFormat {
  const wanted = nameOrFile.toLowerCase();
  const named = FORMATS.find(({ name, aliases = [] }) => name === wanted || aliases.includes(wanted));
  const found = named ?? formatByEnding(wanted);
  if (found !== undefined) return found;
  throw new BadArgumentError(`Cannot write a profile as ${nameOrFile}: the formats are ${formatList()}`);
}

function formatByEnding(file: string): ProfileFormat | undefined {
  const matches = FORMATS.flatMap((format) =>
    format.endings.filter((ending) => file.endsWith(ending)).map((ending) => ({ format, ending })),
  );
  return matches.sort((one, other) => other.ending.length - one.ending.length)[0]?.format;
}

/** `svg (.svg), html (.html)`. */
function formatList(): string {
  return FORMATS.map(({ name, endings }) => `${name} (${endings[0] ?? ''})`).join(', ');
}
