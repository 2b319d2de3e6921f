import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { openTarget } from '../../src/target/live-target.ts';

const NOWHERE = 0x1000n;
const POINTER_BYTES = 8;

/** Makes the frames of a thread that will not run again lead to an address where nothing is mapped. */
export function damageFrames(pid: number, threadState: number): void {
  using target = openTarget(pid);
  const { frame, cframe, cframeCurrentFrame } = target.runtime.layout.threadState;
  const memory = openSync(`/proc/${pid}/mem`, 'r+');
  const word = Buffer.alloc(POINTER_BYTES);
  try {
    let place = threadState + (frame ?? cframe ?? 0);
    if (frame === undefined) {
      readSync(memory, word, 0, POINTER_BYTES, place);
      place = Number(word.readBigUInt64LE()) + (cframeCurrentFrame ?? 0);
    }
    word.writeBigUInt64LE(NOWHERE);
    writeSync(memory, word, 0, POINTER_BYTES, place);
  } finally {
    closeSync(memory);
  }
}
