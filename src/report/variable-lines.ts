import { escapeForTerminal } from '../base/escaping.ts';
import type { Variable } from '../model/object-view.ts';
import { formatObject } from './object-text.ts';
import type { Style } from './style.ts';

/** Characters that the value of one variable may take: three lines of a usual terminal. */
const VALUE_BUDGET = 240;

/** How the variables of a frame are shown. */
export interface VariableManner {
  readonly style: Style;
  /** Before each heading; the variables stand two further in. */
  readonly indent: string;
}

/** Renders the arguments of a frame and then its locals, in their declaration order. */
export function* variableLines(
  variables: readonly Variable[],
  { style, indent }: VariableManner,
): Generator<string> {
  const locals = variables.filter(({ role }) => role === 'local' || role === 'closure');
  const args = variables.filter((variable) => !locals.includes(variable));
  for (const [heading, group] of [['Arguments:', args] as const, ['Locals:', locals] as const]) {
    if (group.length === 0) continue;
    yield `${indent}${style.faint(heading)}`;
    for (const { name, value } of group)
      yield `${indent}  ${escapeForTerminal(name)}: ${formatObject(value, VALUE_BUDGET)}`;
  }
}
