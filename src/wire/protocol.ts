/**
 * What both sides must speak, and the parts of the agent with those that are sent later. `hello` and `leave` are the same in
 * all protocols, so that one can replace another.
 */
export const PROTOCOL = 3;

/** A longer message of the agent is not taken: the agent says so itself instead of sending it. */
export const LONGEST_ANSWER_BYTES = 16 * 2 ** 20;

/** A longer request is not taken by the agent, which hangs up. */
export const LONGEST_REQUEST_BYTES = 2 ** 20;

/** What a request may say, as JSON. */
export type Wish =
  | string
  | number
  | boolean
  | undefined
  | readonly string[]
  | { readonly [name: string]: Wish };

/** A request without its id. */
export interface Request {
  readonly op: string;
  readonly [name: string]: Wish;
}
