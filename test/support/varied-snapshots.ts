import { toAddress } from '../../src/base/address.ts';
import type { ObjectView, Variable } from '../../src/model/object-view.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { at, local, makeFrame, makeSnapshot, makeThread } from './snapshots.ts';

const ADDRESS = toAddress(0x7f21_0000_4a60);
const ONE: ObjectView = { kind: 'int', value: 1n, isLong: false };
const NONE: ObjectView = { kind: 'none' };

/** A view of each kind and, where it has several, of each shape. */
export const OBJECTS_OF_EVERY_KIND: readonly ObjectView[] = [
  NONE,
  { kind: 'ellipsis' },
  { kind: 'not-implemented' },
  { kind: 'bool', value: true },
  { kind: 'int', value: 2n ** 90n, isLong: false },
  { kind: 'int', value: -5n, isLong: true },
  { kind: 'float', value: 0.1 },
  { kind: 'float', value: Number.NaN },
  { kind: 'float', value: Number.NEGATIVE_INFINITY },
  { kind: 'float', value: -0 },
  { kind: 'float', value: 1e300 },
  { kind: 'complex', real: 1, imaginary: Number.POSITIVE_INFINITY },
  { kind: 'str', value: "it's 数据\n\u001b[2J\udc80", omitted: 0, python2: undefined },
  { kind: 'str', value: 'long', omitted: 900, python2: 'unicode' },
  { kind: 'bytes', value: new Uint8Array([0, 255, 104]), omitted: 0, type: 'bytes' },
  { kind: 'bytes', value: new Uint8Array(), omitted: 7, type: 'bytearray' },
  { kind: 'sequence', type: 'list', items: [ONE, NONE], omitted: 0 },
  { kind: 'sequence', type: 'tuple', items: [ONE], omitted: 0 },
  { kind: 'sequence', type: 'set', items: [], omitted: 0 },
  { kind: 'sequence', type: 'deque', items: [ONE], omitted: 98 },
  { kind: 'mapping', type: 'dict', entries: [{ key: ONE, value: NONE }], omitted: 3 },
  { kind: 'range', type: 'range', start: ONE, stop: ONE, step: ONE },
  { kind: 'slice', start: NONE, stop: ONE, step: NONE },
  { kind: 'cell', content: ONE },
  { kind: 'cell', content: undefined },
  { kind: 'enum-member', typeName: 'Color', memberName: 'RED', value: ONE },
  {
    kind: 'exception',
    typeName: 'ValueError',
    args: { kind: 'sequence', type: 'tuple', items: [ONE], omitted: 0 },
  },
  { kind: 'subclass', typeName: 'Level', base: ONE },
  {
    kind: 'subclass',
    typeName: 'Point',
    base: { kind: 'sequence', type: 'tuple', items: [ONE, ONE], omitted: 0 },
    fieldNames: ['x', 'y'],
  },
  { kind: 'class', name: 'Order', address: ADDRESS },
  { kind: 'module', name: 'json', address: ADDRESS },
  { kind: 'function', name: 'drain', address: ADDRESS },
  { kind: 'code', name: 'drain', address: ADDRESS },
  {
    kind: 'instance',
    typeName: 'Order',
    address: ADDRESS,
    isDataclass: true,
    attributes: [{ name: 'id', value: ONE }],
    omitted: 0,
  },
  { kind: 'opaque', typeName: 'Queue', address: ADDRESS },
  { kind: 'cycle', typeName: 'list', address: ADDRESS },
  { kind: 'omitted', typeName: 'dict', address: ADDRESS },
  { kind: 'invalid', address: ADDRESS, typeName: undefined, reason: 'its type is not mapped' },
  { kind: 'invalid', address: ADDRESS, typeName: 'tuple', reason: 'an item is NULL' },
];

const SERVICE: Snapshot = makeSnapshot([
  makeThread({
    osThreadId: 5012,
    kernelName: 'pool-1',
    pythonName: 'pool-1',
    isMainThread: false,
    gil: 'waits',
    activity: { state: 'blocked', syscall: 202, syscallName: 'futex', args: [0x7f00n, 2n ** 64n - 1n] },
    cpuTimeNs: 12_345_678n,
    frames: [
      makeFrame({
        filename: '/app/q.py',
        name: 'drain',
        qualifiedName: 'Worker.drain',
        position: at(8, 15, 22),
        sourceLine: '        item = q.get()\n',
        variables: [
          { name: 'q', role: 'positional', value: { kind: 'opaque', typeName: 'Queue', address: ADDRESS } },
          local('seen', { kind: 'sequence', type: 'list', items: [ONE, ONE], omitted: 0 }),
        ],
      }),
      makeFrame({
        filename: '/usr/lib/python3.12/threading.py',
        name: '_bootstrap',
        position: at(1030, 8, 31),
        sourceLine: '        self._bootstrap_inner()\n',
        variables: [],
      }),
    ],
  }),
  makeThread({
    gil: 'holds',
    isCollectingGarbage: true,
    frames: [
      makeFrame({
        name: '<module>',
        position: { line: 40, endLine: 42, column: 0, endColumn: 1 },
        sourceLine: 'spin(',
      }),
    ],
  }),
]);

const SEVERAL_INTERPRETERS: Snapshot = makeSnapshot(
  [
    makeThread({
      interpreterId: 2,
      osThreadId: 700,
      kernelName: 'worker',
      pythonName: undefined,
      gil: 'holds',
      stackAnchor: toAddress(0x7ffc_0000_1000),
      frames: [makeFrame({ filename: '<string>', name: '<module>' })],
    }),
    makeThread({
      osThreadId: 700,
      kernelName: 'worker',
      stackAnchor: toAddress(0x7ffc_0000_2000),
      frames: [
        makeFrame({
          filename: '/srv/pool.py',
          name: 'run',
          position: at(31),
          sourceLine: '    self.call(task)',
        }),
      ],
    }),
    makeThread({ osThreadId: 699 }),
  ],
  {
    pauseNs: undefined,
    interpreters: [
      { id: 2, address: toAddress(0x5555_0000_2000), isMain: false, isIdle: false },
      { id: 1, address: toAddress(0x5555_0000_1000), isMain: false, isIdle: true },
      { id: 0, address: toAddress(0x5555_0000_0000), isMain: true, isIdle: false },
    ],
  },
);

const HOSTILE: Snapshot = makeSnapshot(
  [
    makeThread({
      osThreadId: undefined,
      pthreadId: undefined,
      kernelName: undefined,
      pythonName: undefined,
      isTerminated: true,
      gil: undefined,
      isCollectingGarbage: undefined,
      frames: [
        makeFrame({
          filename: '/tmp/\u001b]0;x\u0007.py',
          name: '\udc80数据',
          qualifiedName: undefined,
          position: undefined,
          variables: OBJECTS_OF_EVERY_KIND.map((value, index): Variable => local(`v${index}`, value)),
        }),
      ],
    }),
    makeThread({
      innerThreadId: 9,
      activity: { state: 'stopped' },
      problems: [{ kind: 'torn-thread', message: 'Thread 5010 changed while it was read', osThreadId: 5010 }],
    }),
  ],
  {
    process: { ...SERVICE.process, innerPid: 9, commandLine: ['python3', '\udcff'] },
    problems: [{ kind: 'interpreter-finalizing', message: 'The interpreter is shutting down' }],
  },
);

/** Snapshots that differ in all that reports treat differently. */
export const VARIED_SNAPSHOTS: Readonly<Record<string, Snapshot>> = {
  service: SERVICE,
  'several-interpreters': SEVERAL_INTERPRETERS,
  hostile: HOSTILE,
  'no-threads': makeSnapshot([]),
};
