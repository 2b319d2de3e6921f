import { expect, test } from 'vitest';
import { makeAccount } from '../../test/support/call-accounts.ts';
import type { TensorReport, TorchProfile } from '../model/torch-report.ts';
import { PLAIN } from './style.ts';
import { operatorLines, tensorLines } from './torch-layout.ts';

const ACCOUNT = makeAccount({ costNs: 4_000_000 });
const operator = (name: string, selfCpuUs: number, selfDeviceUs: number) => ({
  name,
  calls: 2,
  selfCpuUs,
  cpuUs: selfCpuUs * 2,
  selfDeviceUs,
  deviceUs: selfDeviceUs,
});
const PROFILE: TorchProfile = {
  account: ACCOUNT,
  torchVersion: '2.15.0',
  fileCount: 1,
  operators: [operator('aten::mm', 300, 2000), operator('aten::\u001b[2Jadd', 100, 500)],
  operatorCount: 2,
  selfCpuUs: 400,
  selfDeviceUs: 2500,
  unsummedCount: 0,
  hasCuda: true,
};
const MANNER = { limit: 10, style: PLAIN, width: undefined };

test('operatorLines() has columns of the GPU where the process uses one', () => {
  expect([...operatorLines(PROFILE, MANNER)]).toEqual([
    'SELF CPU   SHARE     CPU  SELF GPU      GPU  CALLS  OPERATOR',
    '  300 µs  75.0 %  600 µs   2.00 ms  2.00 ms      2  aten::mm',
    '  100 µs  25.0 %  200 µs    500 µs   500 µs      2  aten::\\x1b[2Jadd',
    'all of them took 400 µs on the CPU, on the GPU 2.50 ms',
  ]);
  expect([...operatorLines({ ...PROFILE, hasCuda: false }, { ...MANNER, limit: 1 })]).toEqual([
    'SELF CPU   SHARE     CPU  CALLS  OPERATOR',
    '  300 µs  75.0 %  600 µs      2  aten::mm',
    '1 of 2 operators; all of them took 400 µs on the CPU',
  ]);
});

test('operatorLines() has in its sum the operators of which nothing is told', () => {
  const more = { ...PROFILE, operatorCount: 1200, selfCpuUs: 1000, hasCuda: false };
  expect([...operatorLines(more, MANNER)]).toEqual([
    'SELF CPU   SHARE     CPU  CALLS  OPERATOR',
    '  300 µs  30.0 %  600 µs      2  aten::mm',
    '  100 µs  10.0 %  200 µs      2  aten::\\x1b[2Jadd',
    '2 of 1200 operators; all of them took 1.00 ms on the CPU',
  ]);
});

test('operatorLines() says which calls are not in the sums', () => {
  const lines = [...operatorLines({ ...PROFILE, fileCount: 3, unsummedCount: 2 }, MANNER)];
  expect(lines).toHaveLength(5);
  expect(lines.at(-1)).toBe(
    'not summed up: 2 of 3 calls, which have too many events; their traces have them',
  );
});

const REPORT: TensorReport = {
  torchVersion: '2.15.0',
  count: 9,
  storageCount: 4,
  storageBytes: 9216,
  withoutStorage: 1,
  groups: [
    {
      shape: [4, undefined],
      dtype: 'float32',
      count: 7,
      sizeBytes: 512,
      storageBytes: 8192,
      places: ['__main__.net.fc.weight', '__main__.net.out.weight'],
      placedCount: 5,
    },
    { shape: [], dtype: 'int64', count: 2, sizeBytes: 16, storageBytes: 1024, places: [], placedCount: 0 },
  ],
  groupCount: 2,
  others: [{ device: 'cuda:0', count: 3, sizeBytes: 2048 }],
};

test('tensorLines() says where tensors hang as far as that fits, and what is not listed', () => {
  expect([...tensorLines(REPORT, MANNER)]).toEqual([
    ' MEMORY  ELEMENTS  COUNT  DTYPE    SHAPE  WHERE',
    '8.0 KiB     512 B      7  float32  4×?    __main__.net.fc.weight, __main__.net.out.weight (+3 more, 2 elsewhere)',
    '1.0 KiB      16 B      2  int64    ()     (2 elsewhere)',
    '9 tensors keep 9.0 KiB in 4 stretches of memory',
    '1 have no memory of that kind, as sparse ones',
    'not listed: 3 on cuda:0, of 2.0 KiB',
  ]);
  expect([...tensorLines(REPORT, { ...MANNER, width: 60 })][1]).toBe(
    '8.0 KiB      7  float32  4×?    …ight (+4 more, 2 elsewhere)',
  );
});
