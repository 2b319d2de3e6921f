const FIRST_DEPTH = 64;

/** What {@link WalkedFrames.entries} has of a frame that the frame outside of it has called without C in between. */
export const NO_ENTRY = 0;

/** What it has of the outermost frame of an invocation of the evaluation loop where that keeps nothing on the C stack (to 3.11). */
export const ENTRY_WITHOUT_ANCHOR = 1;

/** What {@link WalkedFrames.doubtful} is where there is none. */
export const NO_DOUBT = -1;

/** The frames of a thread in columns, outermost first, as many as `depth`; nothing is allocated from look to look. */
export class WalkedFrames {
  /** Addresses of code objects. */
  codes = new Float64Array(FIRST_DEPTH);
  /** Byte offsets into the code (to 3.10), or addresses of instructions. */
  instructions = new Float64Array(FIRST_DEPTH);
  /** Whose copy of the bytecode runs (free-threaded 3.14+), else 0. */
  copies = new Int32Array(FIRST_DEPTH);
  /**
   * Of the outermost frame of each invocation of the evaluation loop the address that the loop keeps on the C stack, or
   * {@link ENTRY_WITHOUT_ANCHOR}; {@link NO_ENTRY} of all others. Two walks may differ in it and be the same.
   */
  entries = new Float64Array(FIRST_DEPTH);
  depth = 0;
  /** The outermost frame that did not call the one inside of it by the time when both were read, or {@link NO_DOUBT}. */
  doubtful = NO_DOUBT;
  /** How many of the outermost frames were the same in all walks since this was last set. */
  unchanged = 0;
  // The walk that is under way, or the last one, innermost first.
  #addresses = new Float64Array(FIRST_DEPTH);
  #codes = new Float64Array(FIRST_DEPTH);
  #instructions = new Float64Array(FIRST_DEPTH);
  #copies = new Int32Array(FIRST_DEPTH);
  #entries = new Float64Array(FIRST_DEPTH);
  #walked = 0;
  /** Of the walk, as {@link doubtful} of what was walked before, counted from the innermost. */
  #doubtfulAt = NO_DOUBT;

  beginWalk(): void {
    this.#walked = 0;
    this.#doubtfulAt = NO_DOUBT;
  }

  /** Says that the frame which is added next does not call the one before it any more, or never did. */
  doubt(): void {
    this.#doubtfulAt = this.#walked;
  }

  /** Adds the frame that the ones before were called from. */
  add(address: number, code: number, instruction: number, copy: number): void {
    const at = this.#walked;
    if (at === this.#codes.length) this.#grow();
    this.#addresses[at] = address;
    this.#codes[at] = code;
    this.#instructions[at] = instruction;
    this.#copies[at] = copy;
    this.#entries[at] = NO_ENTRY;
    this.#walked = at + 1;
  }

  /** Says that the frame which was added last is the outermost of its invocation of the evaluation loop. */
  endEvaluation(anchor: number): void {
    const at = this.#walked - 1;
    if (at >= 0 && this.#entries[at] === NO_ENTRY) this.#entries[at] = anchor;
  }

  /** How many frames the walk has come over. */
  get walked(): number {
    return this.#walked;
  }

  /** The first frame of the walk, counted from the innermost, from which on no call is in doubt. */
  get firstSure(): number {
    return Math.max(0, this.#doubtfulAt);
  }

  /** Where a frame of the walk lies; counted from the innermost. */
  walkedAddress(at: number): number {
    return this.#addresses[at] ?? 0;
  }

  /** The code of a frame of the walk; counted from the innermost. */
  walkedCode(at: number): number {
    return this.#codes[at] ?? 0;
  }

  /** The instruction of a frame of the walk; counted from the innermost. */
  walkedInstruction(at: number): number {
    return this.#instructions[at] ?? 0;
  }

  /** Takes the frame that was added last for another one in the same place. */
  replaceLast(code: number, instruction: number): void {
    this.#codes[this.#walked - 1] = code;
    this.#instructions[this.#walked - 1] = instruction;
    this.#copies[this.#walked - 1] = 0;
  }

  /** Has the walk go on behind so many of its innermost frames; that the last of them was called from there is in doubt. */
  cut(walked: number): void {
    this.#walked = walked;
    this.#doubtfulAt = walked;
  }

  /** Where a frame of the last walk lies; counted from the outermost. */
  addressAt(at: number): number {
    return this.#addresses[this.#walked - 1 - at] ?? 0;
  }

  /** The code of the outermost frame; 0 when there is none. */
  get root(): number {
    return this.depth === 0 ? 0 : (this.codes[0] ?? 0);
  }

  /** The code of the outermost frame of the walk; 0 when there is none. */
  get walkedRoot(): number {
    return this.#walked === 0 ? 0 : (this.#codes[this.#walked - 1] ?? 0);
  }

  /** Takes what was walked in the place of what was known; whether it differs. */
  endWalk(): boolean {
    const depth = this.#walked;
    const shared = Math.min(depth, this.depth);
    let same = 0;
    while (same < shared && this.#isSameAt(same, depth - 1 - same)) same += 1;
    const hasChanged = same < depth || depth !== this.depth;
    for (let at = 0; at < same; at += 1) this.entries[at] = this.#entries[depth - 1 - at] ?? NO_ENTRY;
    for (let at = same; at < depth; at += 1) {
      const from = depth - 1 - at;
      this.codes[at] = this.#codes[from] ?? 0;
      this.instructions[at] = this.#instructions[from] ?? 0;
      this.copies[at] = this.#copies[from] ?? 0;
      this.entries[at] = this.#entries[from] ?? NO_ENTRY;
    }
    this.depth = depth;
    this.doubtful = this.#doubtfulAt === NO_DOUBT ? NO_DOUBT : depth - 1 - this.#doubtfulAt;
    this.unchanged = Math.min(this.unchanged, same);
    return hasChanged;
  }

  #isSameAt(at: number, walkedAt: number): boolean {
    return (
      this.codes[at] === this.#codes[walkedAt] &&
      this.instructions[at] === this.#instructions[walkedAt] &&
      this.copies[at] === this.#copies[walkedAt]
    );
  }

  #grow(): void {
    const capacity = 2 * this.#codes.length;
    this.codes = grown(this.codes, new Float64Array(capacity));
    this.instructions = grown(this.instructions, new Float64Array(capacity));
    this.copies = grown(this.copies, new Int32Array(capacity));
    this.entries = grown(this.entries, new Float64Array(capacity));
    this.#addresses = grown(this.#addresses, new Float64Array(capacity));
    this.#codes = grown(this.#codes, new Float64Array(capacity));
    this.#instructions = grown(this.#instructions, new Float64Array(capacity));
    this.#copies = grown(this.#copies, new Int32Array(capacity));
    this.#entries = grown(this.#entries, new Float64Array(capacity));
  }
}

function grown<Column extends Float64Array | Int32Array>(column: Column, larger: Column): Column {
  larger.set(column);
  return larger;
}
