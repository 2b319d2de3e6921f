import { InspectorError } from '../base/errors.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { takeGlobal } from './global-value.ts';

/** Reads `sys.path` while the process runs: its entries that are text, none where it cannot be read. */
export function readSearchPath(target: LiveTarget): readonly string[] {
  try {
    const { value } = takeGlobal(target, {
      module: 'sys',
      path: ['path'],
      depth: 'all',
      whole: true,
      pause: false,
    });
    if (value.kind !== 'sequence') return [];
    return value.items.flatMap((item) => (item.kind === 'str' ? [item.value] : []));
  } catch (error) {
    if (error instanceof InspectorError) return [];
    throw error;
  }
}
