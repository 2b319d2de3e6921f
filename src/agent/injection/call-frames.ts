import { HOLDABLE_ARCHITECTURE, type HoldableArchitecture } from '../../platform/interruption.ts';
import type { CallFrames } from './call-frame.ts';
import { AARCH64_CALL_FRAMES } from './call-frames-aarch64.ts';
import { X86_64_CALL_FRAMES } from './call-frames-x86-64.ts';

const BY_ARCHITECTURE: Readonly<Record<HoldableArchitecture, CallFrames>> = {
  x64: X86_64_CALL_FRAMES,
  arm64: AARCH64_CALL_FRAMES,
};

/** Those of the machine that we run on; `undefined` where none are known. */
export const CALL_FRAMES: CallFrames | undefined =
  HOLDABLE_ARCHITECTURE && BY_ARCHITECTURE[HOLDABLE_ARCHITECTURE];
