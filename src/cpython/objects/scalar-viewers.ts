import type { ObjectView } from '../../model/object-view.ts';
import { readStruct } from './foreign-struct.ts';
import { readInt2, readLong } from './integers.ts';
import { readByteArray, readBytes, readUnicode } from './text.ts';
import type { FoundObject, ViewContext, Viewer } from './viewer.ts';

function scalar(view: (object: FoundObject, context: ViewContext) => ObjectView): Viewer {
  return { view, isComposite: false };
}

/** Kinds that all versions have, by `tp_name`. */
export const SCALAR_VIEWERS = {
  NoneType: scalar(() => ({ kind: 'none' })),
  ellipsis: scalar(() => ({ kind: 'ellipsis' })),
  NotImplementedType: scalar(() => ({ kind: 'not-implemented' })),
  float: scalar(({ address }, { reader }) => {
    const { value } = reader.layout.float;
    return {
      kind: 'float',
      value: readStruct(reader.memory, address, value + 8, 'PyFloatObject').f64(value),
    };
  }),
  complex: scalar(({ address }, { reader }) => {
    const { real, imaginary } = reader.layout.complex;
    const struct = readStruct(reader.memory, address, Math.max(real, imaginary) + 8, 'PyComplexObject');
    return { kind: 'complex', real: struct.f64(real), imaginary: struct.f64(imaginary) };
  }),
  bytearray: scalar(({ address }, { reader, budget }) => ({
    kind: 'bytes',
    type: 'bytearray',
    ...readByteArray(reader, address, budget.maxCharacters),
  })),
} satisfies Record<string, Viewer>;

/** Kinds of Python 3, by `tp_name`. */
export const PYTHON3_VIEWERS = {
  bool: scalar(({ address }, { reader }) => ({ kind: 'bool', value: readLong(reader, address) !== 0n })),
  int: scalar(({ address }, { reader }) => ({
    kind: 'int',
    value: readLong(reader, address),
    isLong: false,
  })),
  str: scalar(({ address }, { reader, budget }) => ({
    kind: 'str',
    python2: undefined,
    ...readUnicode(reader, address, budget.maxCharacters),
  })),
  bytes: scalar(({ address }, { reader, budget }) => ({
    kind: 'bytes',
    type: 'bytes',
    ...readBytes(reader, address, budget.maxCharacters),
  })),
} satisfies Record<string, Viewer>;

/** Kinds of Python 2, by `tp_name`. */
export const PYTHON2_VIEWERS = {
  bool: scalar(({ address }, { reader }) => ({ kind: 'bool', value: readInt2(reader, address) !== 0n })),
  int: scalar(({ address }, { reader }) => ({
    kind: 'int',
    value: readInt2(reader, address),
    isLong: false,
  })),
  long: scalar(({ address }, { reader }) => ({
    kind: 'int',
    value: readLong(reader, address),
    isLong: true,
  })),
  unicode: scalar(({ address }, { reader, budget }) => ({
    kind: 'str',
    python2: 'unicode',
    ...readUnicode(reader, address, budget.maxCharacters),
  })),
  // One character for each byte.
  str: scalar(({ address }, { reader, budget }) => {
    const { value, omitted } = readBytes(reader, address, budget.maxCharacters);
    return { kind: 'str', python2: 'str', value: Buffer.from(value).toString('latin1'), omitted };
  }),
  xrange: scalar(({ address }, { reader }) => {
    const { xrange2 } = reader.layout;
    if (xrange2 === undefined) throw new TypeError('a layout of Python 2 needs xrange2');
    const end = Math.max(xrange2.start, xrange2.step, xrange2.length) + 8;
    const struct = readStruct(reader.memory, address, end, 'rangeobject');
    const [start, step] = [struct.i64(xrange2.start), struct.i64(xrange2.step)];
    const stop = start + struct.i64(xrange2.length) * step;
    const int = (value: bigint): ObjectView => ({ kind: 'int', value, isLong: false });
    return { kind: 'range', type: 'xrange', start: int(start), stop: int(stop), step: int(step) };
  }),
} satisfies Record<string, Viewer>;
