import type { SnapshotOptions } from '../api/index.ts';
import type { NativeChoice } from '../report/pystack-layout.ts';

/** PyStack's options for native frames, of which the last one given holds. */
export const nativeOption = {
  kind: 'modes',
  modes: {
    native: 'Show C, C++ and Rust frames too',
    'native-all': 'Show threads without Python too',
    'native-last': 'Show the C frames after the last Python one',
  },
} as const;

/** Which native frames to show. */
export type NativeMode = keyof typeof nativeOption.modes;

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
