import { checkDataView } from './check-dataview.ts';
import { checkDocs } from './check-docs.ts';
import { checkErrors } from './check-errors.ts';
import { checkIo } from './check-io.ts';
import { checkLayers } from './check-layers.ts';
import { checkLeaks } from './check-leaks.ts';
import { checkSizes } from './check-sizes.ts';
import { checkUsing } from './check-using.ts';
import { checkVersions } from './check-versions.ts';
import { withExceptions } from './exceptions.ts';
import type { Check } from './source-text.ts';

const RULES: Readonly<Record<string, Check>> = {
  'check-layers': checkLayers,
  'check-versions': checkVersions,
  'check-io': checkIo,
  'check-dataview': checkDataView,
  'check-errors': checkErrors,
  'check-docs': checkDocs,
  'check-sizes': checkSizes,
  'check-leaks': checkLeaks,
  'check-using': checkUsing,
};

/** Every house rule that is a program, by the name that the gate prints and that an exception begins with. */
export const ALL_CHECKS: Readonly<Record<string, Check>> = Object.fromEntries(
  Object.entries(RULES).map(([name, check]) => [name, withExceptions(name, check)]),
);
