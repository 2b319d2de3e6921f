import { checkDataView } from './check-dataview.ts';
import { checkIo } from './check-io.ts';
import { checkLayers } from './check-layers.ts';
import { checkVersions } from './check-versions.ts';
import type { Check } from './source-text.ts';

/** Every house rule that is a program, by the name that the gate prints. */
export const ALL_CHECKS: Readonly<Record<string, Check>> = {
  'check-layers': checkLayers,
  'check-versions': checkVersions,
  'check-io': checkIo,
  'check-dataview': checkDataView,
};
