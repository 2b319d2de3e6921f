/** The files of `python/`, in the order in which they run. */
export const PAYLOAD_PARTS: readonly string[] = [
  'originals',
  'failures',
  'json_text',
  'object_view',
  'names',
  'hooks',
  'workers',
  'connections',
  'operations',
  'console',
  'agent',
  'start',
];

/** What stands between them: no Python text has a form feed otherwise. */
export const PART_BREAK = '\f';
