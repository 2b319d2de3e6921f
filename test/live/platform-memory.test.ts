import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AddressRange, toAddress } from '../../src/base/address.ts';
import { openProcessMemory } from '../../src/platform/process-memory.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { expectRefused } from '../support/strangers.ts';

const isRoot = process.getuid?.() === 0;

/** Four pages whose third is not there, each byte of the others telling its offset. */
const PROGRAM = [
  'import ctypes, mmap, sys',
  'm = mmap.mmap(-1, 4 * 4096)',
  'm[:] = bytes(i // 256 % 251 if i % 2 else i % 256 for i in range(4 * 4096))',
  'base = ctypes.addressof(ctypes.c_char.from_buffer(m))',
  'libc = ctypes.CDLL(None)',
  'assert libc.munmap(ctypes.c_void_p(base + 8192), ctypes.c_size_t(4096)) == 0',
  'print("ready"); print(base)',
  'line = sys.stdin.readline()',
];

function byteAt(offset: number): number {
  return offset % 2 === 1 ? Math.floor(offset / 256) % 251 : offset % 256;
}

function bytesAt(offset: number, sizeBytes: number): number[] {
  return Array.from({ length: sizeBytes }, (_, index) => byteAt(offset + index));
}

let target: PlatformTarget;
let base: number;

beforeAll(async () => {
  target = await PlatformTarget.startPython(...PROGRAM);
  base = Number(await target.nextLine());
});

afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

function range(offset: number, sizeBytes: number): AddressRange {
  return { address: toAddress(base + offset), sizeBytes };
}

afterEach(() => {
  for (const { env } of WAYS) delete process.env[env];
  delete process.env['PYFLIGHT_UNUSED'];
});

const WAYS = [
  { name: 'process_vm_readv', env: 'PYFLIGHT_UNUSED', className: 'VmReadvMemory' },
  { name: '/proc/PID/mem', env: 'PYFLIGHT_NO_PROCESS_VM_READV', className: 'MemFileMemory' },
  { name: 'no FFI', env: 'PYFLIGHT_NO_FFI', className: 'MemFileMemory' },
];

describe.each(WAYS)('openProcessMemory() by $name', ({ env, className }) => {
  function open(pid = target.pid) {
    process.env[env] = '1';
    const memory = openProcessMemory(pid);
    expect(memory.constructor.name).toBe(className);
    return memory;
  }

  test('reads exactly what was asked for, and answers that stay as they are', () => {
    using memory = open();
    const first = memory.read(toAddress(base), 16);
    for (const [offset, sizeBytes] of [
      [0, 0],
      [1, 1],
      [4090, 12],
      [0, 8192],
      [12288, 4096],
    ] as const) {
      expect([...memory.read(toAddress(base + offset), sizeBytes)]).toEqual(bytesAt(offset, sizeBytes));
    }
    for (let round = 0; round < 5000; round += 1) memory.read(toAddress(base + 4096), 64);
    expect([...first]).toEqual(bytesAt(0, 16));
  });

  test.each([
    ['nothing is mapped', () => 0x10, 8],
    ['a page is missing', () => base + 8192, 8],
    ['it is there in part', () => base + 8190, 8],
    ['the size is torn', () => base, 2 ** 50],
    ['the kernel has it', () => 2 ** 52, 8],
  ])('names the address where %s', (_what, address, sizeBytes) => {
    using memory = open();
    expect(() => memory.read(toAddress(address()), sizeBytes)).toThrow(
      `Cannot read ${sizeBytes} bytes at 0x${address().toString(16)}: not mapped in the target`,
    );
  });

  test('readMany() leaves out the bad ranges and goes on behind them', () => {
    using memory = open();
    const ranges = [
      range(0, 4),
      range(8192, 1),
      range(8190, 4),
      range(5, 0),
      range(12288, 3),
      range(0, 2 ** 40),
      range(1, 2),
      range(8192, 0),
    ];
    const answers = memory.readMany(ranges).map((bytes) => (bytes === undefined ? undefined : [...bytes]));
    expect(answers).toEqual([
      bytesAt(0, 4),
      undefined,
      undefined,
      [],
      bytesAt(12288, 3),
      undefined,
      bytesAt(1, 2),
      [],
    ]);
    expect(memory.readMany([])).toEqual([]);
  });

  test('readMany() answers as many reads would, for more ranges than one call takes', () => {
    using memory = open();
    const ranges = Array.from({ length: 5000 }, (_, index) =>
      range((index * 7919) % 16000, 1 + (index % 300)),
    );
    const answers = memory.readMany(ranges);
    expect(answers).toHaveLength(ranges.length);
    for (const [index, { address, sizeBytes }] of ranges.entries()) {
      const offset = address - base;
      const isBad = offset < 12288 && offset + sizeBytes > 8192;
      expect(answers[index] && [...answers[index]]).toEqual(isBad ? undefined : bytesAt(offset, sizeBytes));
    }
  });

  test('refuses to read when it is closed', () => {
    const memory = open();
    memory[Symbol.dispose]();
    memory[Symbol.dispose]();
    expect(() => memory.read(toAddress(base), 1)).toThrow(TypeError);
  });

  test('says that the process ended', async () => {
    await using other = await PlatformTarget.startPython(...PROGRAM);
    const address = toAddress(Number(await other.nextLine()));
    using memory = open(other.pid);
    expect([...memory.read(address, 2)]).toEqual(bytesAt(0, 2));
    other.send('end');
    await other.ended();
    const message = `Cannot inspect process ${other.pid}: it ended meanwhile`;
    expect(() => memory.read(address, 2)).toThrow(message);
    expect(() => memory.readMany([{ address, sizeBytes: 2 }])).toThrow(message);
  });

  test('reads on when the main thread has ended before the others', async () => {
    await using other = await PlatformTarget.startPython(
      ...PROGRAM.slice(0, -2),
      'import threading',
      'def work():',
      '  while open(f"/proc/self/task/{threading.main_thread().native_id}/stat").read().split()[2] != "Z": pass',
      '  print("ready"); print(base); sys.stdin.readline()',
      'threading.Thread(target=work).start()',
      'libc.pthread_exit(None)',
    );
    const address = toAddress(Number(await other.nextLine()));
    using memory = open(other.pid);
    expect([...memory.read(address, 2)]).toEqual(bytesAt(0, 2));
  });

  test.runIf(isRoot)('says who may not look', async () => {
    await expectRefused(openProcessMemory);
  });
});
