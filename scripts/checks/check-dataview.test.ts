import { describe, expect, test } from 'vitest';
import { checkDataView } from './check-dataview.ts';

const rulesFor = (text: string, path = 'src/elf/a.ts') =>
  checkDataView([{ path, text }]).map(({ rule }) => rule);

describe('checkDataView()', () => {
  test.each([
    ['const view = new DataView(bytes.buffer);', 'DataView'],
    ['function f(view: DataView) {}', 'DataView'],
    ['buffer.readUInt32LE(4);', 'readUInt32LE'],
    ['buffer.readUint8(4);', 'readUint8'],
    ['buffer.readBigUInt64LE(4);', 'readBigUInt64LE'],
    ['buffer.readDoubleLE(4);', 'readDoubleLE'],
    ['buffer.readIntBE(4, 6);', 'readIntBE'],
    ["buffer['readInt8'](4);", 'readInt8'],
  ])('refuses %s', (text, name) => {
    expect(rulesFor(text)).toEqual([`${name} only in base's ByteCursor and StructView`]);
  });

  test.each([
    'memory.read(address, 8);',
    'memory.readMany(ranges);',
    'readFloat(view);',
    'target.objects.readInt(key);',
    'source.readLine();',
    'buffer.writeUInt32LE(4);',
    '// a DataView',
  ])('takes %s', (text) => {
    expect(rulesFor(text)).toEqual([]);
  });

  test.each(['src/base/byte-cursor.ts', 'src/base/struct-view.ts', 'test/support/elf-writer.ts'])(
    'leaves %s alone',
    (path) => {
      expect(rulesFor('new DataView(x)', path)).toEqual([]);
    },
  );

  test('looks into tests and scripts too', () => {
    expect(rulesFor('new DataView(x)', 'src/elf/a.test.ts')).toHaveLength(1);
    expect(rulesFor('new DataView(x)', 'scripts/a.ts')).toHaveLength(1);
  });
});
