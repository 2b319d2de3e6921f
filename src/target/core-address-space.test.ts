import { expect, test } from 'vitest';
import { filesNote, writeCore } from '../../test/support/core-writer.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { readCore } from '../elf/core/core-file.ts';
import { openCoreImage } from '../elf/core/core-image.ts';
import { coreAddressSpace } from './core-address-space.ts';
import { CoreImages } from './core-images.ts';

/** A third of what a process may have unless it is allowed more (vm.max_map_count). */
const MAPPINGS = 20_000;

/** Searching all mappings for each took 9 s. */
const LONGEST_MS = 4000;

test('coreAddressSpace() takes a core of many thousand mapped files', () => {
  const memory = Array.from({ length: MAPPINGS }, (_, index) => ({
    start: 0x2000 * (index + 8),
    sizeBytes: 0x1000,
  }));
  const files = filesNote(
    memory.map(({ start }, index) => ({ start, end: start + 0x1000, path: `/lib/${index}.so` })),
  );
  const core = readCore(new TestSource(writeCore({ notes: [files], memory, hasLargeCounts: true })));
  const before = process.cpuUsage();
  const image = openCoreImage(core, {
    search: { directories: [] },
    programPath: undefined,
    open: () => undefined,
  });
  const space = coreAddressSpace(core, new CoreImages(core, image));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(LONGEST_MS);
  expect([image.modules.length, space.anonymousRanges.length]).toEqual([MAPPINGS, 0]);
});
