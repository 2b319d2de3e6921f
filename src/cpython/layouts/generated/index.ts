// Made by scripts/make-layouts.ts; not to be edited.

import type { MeasuredLayout } from '../layout.ts';
import { CPYTHON_2_7 } from './cpython-2.7.ts';
import { CPYTHON_2_7D } from './cpython-2.7d.ts';
import { CPYTHON_3_6 } from './cpython-3.6.ts';
import { CPYTHON_3_6D } from './cpython-3.6d.ts';
import { CPYTHON_3_7 } from './cpython-3.7.ts';
import { CPYTHON_3_7D } from './cpython-3.7d.ts';
import { CPYTHON_3_8 } from './cpython-3.8.ts';
import { CPYTHON_3_8D } from './cpython-3.8d.ts';
import { CPYTHON_3_9 } from './cpython-3.9.ts';
import { CPYTHON_3_9D } from './cpython-3.9d.ts';
import { CPYTHON_3_10 } from './cpython-3.10.ts';
import { CPYTHON_3_10D } from './cpython-3.10d.ts';
import { CPYTHON_3_11 } from './cpython-3.11.ts';
import { CPYTHON_3_11D } from './cpython-3.11d.ts';
import { CPYTHON_3_12 } from './cpython-3.12.ts';
import { CPYTHON_3_12D } from './cpython-3.12d.ts';
import { CPYTHON_3_13 } from './cpython-3.13.ts';
import { CPYTHON_3_13T } from './cpython-3.13t.ts';
import { CPYTHON_3_14 } from './cpython-3.14.ts';
import { CPYTHON_3_14T } from './cpython-3.14t.ts';
import { CPYTHON_3_15 } from './cpython-3.15.ts';
import { CPYTHON_3_15T } from './cpython-3.15t.ts';

/** Every measured row by its name: `3.11`, `3.13t`, `3.8d`. */
export const MEASURED_LAYOUTS: Readonly<Record<string, MeasuredLayout>> = {
  '2.7': CPYTHON_2_7,
  '2.7d': CPYTHON_2_7D,
  '3.6': CPYTHON_3_6,
  '3.6d': CPYTHON_3_6D,
  '3.7': CPYTHON_3_7,
  '3.7d': CPYTHON_3_7D,
  '3.8': CPYTHON_3_8,
  '3.8d': CPYTHON_3_8D,
  '3.9': CPYTHON_3_9,
  '3.9d': CPYTHON_3_9D,
  '3.10': CPYTHON_3_10,
  '3.10d': CPYTHON_3_10D,
  '3.11': CPYTHON_3_11,
  '3.11d': CPYTHON_3_11D,
  '3.12': CPYTHON_3_12,
  '3.12d': CPYTHON_3_12D,
  '3.13': CPYTHON_3_13,
  '3.13t': CPYTHON_3_13T,
  '3.14': CPYTHON_3_14,
  '3.14t': CPYTHON_3_14T,
  '3.15': CPYTHON_3_15,
  '3.15t': CPYTHON_3_15T,
};
