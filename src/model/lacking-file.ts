/** A file that a process had mapped and that is not at hand, so that what a core leaves out of it is missing. */
export interface LackingFile {
  /** `missing` when no file is there; `mismatching` when one is, and another one was mapped. */
  readonly state: 'missing' | 'mismatching';
  /** As the process had it. */
  readonly path: string;
  /** Build id of what was mapped; `undefined` when the core does not tell. */
  readonly expectedBuildId: string | undefined;
  /** Build id of the file that is here instead; `undefined` when there is none, or it has none. */
  readonly foundBuildId: string | undefined;
}
