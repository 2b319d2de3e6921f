import { InspectorError } from './errors.ts';

/**
 * Why a server takes no profiles: nobody answers there; it does not know who we are; it has nothing there that takes profiles; it
 * says no in another way.
 */
export type PushObstacle = 'unreachable' | 'unauthorized' | 'no-endpoint' | 'refused';

/** A server that profiles should go to does not take them. */
export class CannotPushError extends InspectorError {
  readonly code = 'cannot-push';
  readonly obstacle: PushObstacle;
  /** The end of the sentence. */
  readonly state: string;

  constructor(url: string, obstacle: PushObstacle, state: string, options?: ErrorOptions) {
    super(`Cannot push to ${url}: ${state}`, options);
    this.obstacle = obstacle;
    this.state = state;
  }
}

/** The page of a recording cannot be served on a port of this machine. */
export class CannotServeError extends InspectorError {
  readonly code = 'cannot-serve';

  constructor(port: number, state: string, options?: ErrorOptions) {
    super(`Cannot serve a page on port ${port}: ${state}`, options);
  }
}
