import type { SnapshotOptions } from '../api/index.ts';
import type { NativeChoice } from '../report/pystack-layout.ts';

/** PyStack's options for native frames, of which the last one given holds. */
type NativeMode = 'native' | 'native-all' | 'native-last';

/** What a snapshot must hold for one of them. */
export function nativeWish(mode: NativeMode | undefined): Pick<SnapshotOptions, 'native'> {
  if (mode === undefined) return {};
  return { native: mode === 'native-all' ? 'all-threads' : 'python-threads' };
}

/** What a report shows for one of them. */
export function nativeChoice(mode: NativeMode | undefined): { readonly native?: NativeChoice } {
  if (mode === undefined) return {};
  return { native: mode === 'native-last' ? 'last' : 'all' };
}
