import { type Address, hex } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { StructView } from '../../base/struct-view.ts';
import type { ObjectView } from '../../model/object-view.ts';
import { foreignOffset, readStruct } from './foreign-struct.ts';
import type { FoundObject, ViewContext, Viewer } from './viewer.ts';

type ArrayView = Extract<ObjectView, { readonly kind: 'array' }>;

/**
 * `PyArrayObject_fields` and the beginning of `PyArray_Descr`, from the end of PyObject on; the same in numpy 1.7 to 2.4
 * (numpy/core/include/numpy/ndarraytypes.h).
 */
const ARRAY = { data: 0, dimensionCount: 8, dimensions: 16, strides: 24, description: 40, sizeBytes: 48 };
const DESCRIPTION = { kind: 8, byteOrder: 10, typeNumber: 12, sizeBytes: 16 };

/** `NPY_MAXDIMS`, which numpy 2 doubled. */
const MOST_DIMENSIONS = 64;
/** Values that are shown; each is a read of its own. */
const MOST_VALUES = 6;

interface ElementType {
  readonly dtype: string;
  readonly kind: string;
  readonly sizeBytes: number;
  readonly view: (bytes: StructView) => ObjectView;
}

const int = (value: bigint): ObjectView => ({ kind: 'int', value, isLong: false });
const float = (value: number): ObjectView => ({ kind: 'float', value });
const signed = (dtype: string, sizeBytes: number): ElementType => ({
  dtype,
  kind: 'i',
  sizeBytes,
  view: (bytes) => int(BigInt.asIntN(sizeBytes * 8, littleEndian(bytes, sizeBytes))),
});
const unsigned = (dtype: string, sizeBytes: number): ElementType => ({
  dtype,
  kind: 'u',
  sizeBytes,
  view: (bytes) => int(littleEndian(bytes, sizeBytes)),
});

/** `enum NPY_TYPES`: those of which a value can be shown, by number; `long` and `long long` are both of 8 bytes here. */
const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map([
  [
    0,
    { dtype: 'bool', kind: 'b', sizeBytes: 1, view: (bytes) => ({ kind: 'bool', value: bytes.u8(0) !== 0 }) },
  ],
  [1, signed('int8', 1)],
  [2, unsigned('uint8', 1)],
  [3, signed('int16', 2)],
  [4, unsigned('uint16', 2)],
  [5, signed('int32', 4)],
  [6, unsigned('uint32', 4)],
  [7, signed('int64', 8)],
  [8, unsigned('uint64', 8)],
  [9, signed('int64', 8)],
  [10, unsigned('uint64', 8)],
  [11, { dtype: 'float32', kind: 'f', sizeBytes: 4, view: (bytes) => float(singleOf(bytes.u32(0))) }],
  [12, { dtype: 'float64', kind: 'f', sizeBytes: 8, view: (bytes) => float(bytes.f64(0)) }],
  [
    14,
    {
      dtype: 'complex64',
      kind: 'c',
      sizeBytes: 8,
      view: (bytes) => ({
        kind: 'complex',
        real: singleOf(bytes.u32(0)),
        imaginary: singleOf(bytes.u32(4)),
      }),
    },
  ],
  [
    15,
    {
      dtype: 'complex128',
      kind: 'c',
      sizeBytes: 16,
      view: (bytes) => ({ kind: 'complex', real: bytes.f64(0), imaginary: bytes.f64(8) }),
    },
  ],
  [23, { dtype: 'float16', kind: 'f', sizeBytes: 2, view: (bytes) => float(halfOf(bytes.u16(0))) }],
]);

/** The other kinds, of which only the shape is shown. */
const OTHER_DTYPES: Readonly<Record<string, string>> = {
  f: 'float',
  c: 'complex',
  O: 'object',
  S: 'bytes',
  U: 'str',
  V: 'void',
  M: 'datetime64',
  m: 'timedelta64',
};

/** Shows an array of numpy by its shape, its type and its first values; one whose head makes no sense is opaque. */
export const ARRAY_VIEWERS = {
  'numpy.ndarray': { isComposite: false, view: viewArray },
} satisfies Record<string, Viewer>;

function viewArray({ address, type }: FoundObject, { reader }: ViewContext): ObjectView {
  const { memory, layout } = reader;
  const start = foreignOffset(address, layout.object.sizeBytes, 'PyArrayObject');
  const head = readStruct(memory, start, ARRAY.sizeBytes, 'PyArrayObject');
  const count = head.i32(ARRAY.dimensionCount);
  if (count < 0 || count > MOST_DIMENSIONS)
    throw head.fail(ARRAY.dimensionCount, `${count} dimensions are absurd`);
  const shape = count === 0 ? [] : readSizes(head.requiredPointer(ARRAY.dimensions), count, reader);
  const strides = count === 0 ? [] : readSizes(head.requiredPointer(ARRAY.strides), count, reader);
  const total = shape.reduce((product, length) => product * length, 1);
  if (shape.some((length) => length < 0) || !Number.isSafeInteger(total))
    throw head.fail(ARRAY.dimensions, 'its shape is absurd');
  const found = { typeName: type.fullName, address, shape };
  const element = readElementType(head.requiredPointer(ARRAY.description), reader);
  if (element.type === undefined)
    return { kind: 'array', ...found, dtype: element.dtype, items: [], omitted: total };
  const data = head.pointer(ARRAY.data);
  const items =
    data === undefined ? [] : readValues(data, { shape, strides, total, type: element.type }, reader);
  return { kind: 'array', ...found, dtype: element.dtype, items, omitted: total - items.length };
}

type Reader = ViewContext['reader'];

function readSizes(address: Address, count: number, { memory }: Reader): readonly number[] {
  const struct = readStruct(memory, address, count * 8, 'shape of an array');
  return Array.from({ length: count }, (_, index) => struct.ssize(index * 8));
}

function readElementType(
  description: Address,
  { memory, layout }: Reader,
): { readonly dtype: string; readonly type: ElementType | undefined } {
  const start = foreignOffset(description, layout.object.sizeBytes, 'PyArray_Descr');
  const struct = readStruct(memory, start, DESCRIPTION.sizeBytes, 'PyArray_Descr');
  const kind = String.fromCharCode(struct.u8(DESCRIPTION.kind));
  const type = ELEMENT_TYPES.get(struct.i32(DESCRIPTION.typeNumber));
  const isSwapped = String.fromCharCode(struct.u8(DESCRIPTION.byteOrder)) === '>';
  if (type?.kind === kind)
    return { dtype: `${isSwapped ? '>' : ''}${type.dtype}`, type: isSwapped ? undefined : type };
  const other = OTHER_DTYPES[kind];
  if (other === undefined)
    throw new MalformedInputError(`PyArray_Descr at ${hex(description)}`, DESCRIPTION.kind, 'it has no kind');
  return { dtype: other, type: undefined };
}

interface Values extends Pick<ArrayView, 'shape'> {
  readonly strides: readonly number[];
  readonly total: number;
  readonly type: ElementType;
}

/** The first values in the order of their indices, wherever the strides have them. */
function readValues(
  data: Address,
  { shape, strides, total, type }: Values,
  { memory }: Reader,
): readonly ObjectView[] {
  return Array.from({ length: Math.min(total, MOST_VALUES) }, (_, index) => {
    let rest = index;
    let offset = 0;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const length = shape[axis] ?? 1;
      offset += (rest % length) * (strides[axis] ?? 0);
      rest = Math.floor(rest / length);
    }
    return type.view(readStruct(memory, foreignOffset(data, offset, 'array'), type.sizeBytes, 'array'));
  });
}

function littleEndian(struct: StructView, sizeBytes: number): bigint {
  let value = 0n;
  for (let at = sizeBytes - 1; at >= 0; at -= 1) value = value * 256n + BigInt(struct.u8(at));
  return value;
}

/** IEEE 754 binary32. */
function singleOf(bits: number): number {
  return new Float32Array(new Uint32Array([bits]).buffer)[0] ?? Number.NaN;
}

/** IEEE 754 binary16. */
function halfOf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}
