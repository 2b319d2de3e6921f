// Made by scripts/make-layouts.ts; not to be edited.

import type { MeasuredLayout } from '../layout.ts';
import { cpython27 } from './cpython-2.7.ts';
import { cpython27d } from './cpython-2.7d.ts';
import { cpython36 } from './cpython-3.6.ts';
import { cpython36d } from './cpython-3.6d.ts';
import { cpython37 } from './cpython-3.7.ts';
import { cpython37d } from './cpython-3.7d.ts';
import { cpython38 } from './cpython-3.8.ts';
import { cpython38d } from './cpython-3.8d.ts';
import { cpython39 } from './cpython-3.9.ts';
import { cpython39d } from './cpython-3.9d.ts';
import { cpython310 } from './cpython-3.10.ts';
import { cpython310d } from './cpython-3.10d.ts';
import { cpython311 } from './cpython-3.11.ts';
import { cpython311d } from './cpython-3.11d.ts';
import { cpython312 } from './cpython-3.12.ts';
import { cpython312d } from './cpython-3.12d.ts';
import { cpython313 } from './cpython-3.13.ts';
import { cpython313t } from './cpython-3.13t.ts';
import { cpython314 } from './cpython-3.14.ts';
import { cpython314t } from './cpython-3.14t.ts';
import { cpython315 } from './cpython-3.15.ts';
import { cpython315t } from './cpython-3.15t.ts';

/** Every measured row by its name: `3.11`, `3.13t`, `3.8d`. Each is made when it is asked for: few processes need two. */
export const MEASURED_LAYOUTS: Readonly<Record<string, () => MeasuredLayout>> = {
  '2.7': cpython27,
  '2.7d': cpython27d,
  '3.6': cpython36,
  '3.6d': cpython36d,
  '3.7': cpython37,
  '3.7d': cpython37d,
  '3.8': cpython38,
  '3.8d': cpython38d,
  '3.9': cpython39,
  '3.9d': cpython39d,
  '3.10': cpython310,
  '3.10d': cpython310d,
  '3.11': cpython311,
  '3.11d': cpython311d,
  '3.12': cpython312,
  '3.12d': cpython312d,
  '3.13': cpython313,
  '3.13t': cpython313t,
  '3.14': cpython314,
  '3.14t': cpython314t,
  '3.15': cpython315,
  '3.15t': cpython315t,
};
