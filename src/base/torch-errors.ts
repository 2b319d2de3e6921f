import { InspectorError } from './errors.ts';

/** Why the torch in a process does not do what was wanted. */
export type TorchObstacle = 'absent' | 'no-cuda' | 'busy' | 'failed';

/** The process has no torch, or its torch cannot measure that. */
export class TorchRefusedError extends InspectorError {
  readonly code = 'torch-refused';
  readonly obstacle: TorchObstacle;

  constructor(obstacle: TorchObstacle, state: string) {
    super(`Cannot ask torch: ${state}`);
    this.obstacle = obstacle;
  }
}
