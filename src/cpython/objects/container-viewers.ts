import type { Address } from '../../base/address.ts';
import type { ObjectView } from '../../model/object-view.ts';
import { readDictLength } from './dict-entries.ts';
import { readStruct } from './foreign-struct.ts';
import { type Items, readDequeItems, readListItems, readSetItems, readTupleItems } from './sequences.ts';
import type { FoundObject, ViewContext, Viewer, ViewSource } from './viewer.ts';

type Sequence = Extract<ObjectView, { readonly kind: 'sequence' }>;
type Bounds = { readonly start: number; readonly stop: number; readonly step: number };

/** Containers of every version, by `tp_name`. */
export const CONTAINER_VIEWERS = {
  tuple: sequence('tuple', readTupleItems),
  list: sequence('list', readListItems),
  set: sequence('set', readSetItems),
  frozenset: sequence('frozenset', readSetItems),
  'collections.deque': { isComposite: true, view: viewDeque },
  dict: { isComposite: true, view: viewDict },
  cell: { isComposite: true, view: viewCell },
  slice: { isComposite: true, view: viewSlice },
} satisfies Record<string, Viewer>;

/** Python 2 has `xrange` instead, and somebody else's type may be called `range` there. */
export const PYTHON3_CONTAINER_VIEWERS = {
  range: { isComposite: true, view: viewRange },
} satisfies Record<string, Viewer>;

function sequence(
  type: Sequence['type'],
  readItems: (reader: ViewSource, address: Address, limit: number) => Items,
): Viewer {
  return {
    isComposite: true,
    view: ({ address }, context) => {
      const { items, omitted } = readItems(context.reader, address, context.budget.maxItems);
      const parts = context.parts(items);
      return { kind: 'sequence', type, items: parts.views, omitted: omitted + parts.omitted };
    },
  };
}

function viewDeque(object: FoundObject, context: ViewContext): ObjectView {
  const { deque } = context.reader.layout;
  if (deque === undefined) return { kind: 'opaque', typeName: object.type.fullName, address: object.address };
  return sequence('deque', (reader, address, limit) =>
    readDequeItems({ memory: reader.memory, layout: reader.layout, deque }, address, limit),
  ).view(object, context);
}

function viewDict({ address }: FoundObject, context: ViewContext): ObjectView {
  const { reader, budget } = context;
  const length = readDictLength(reader, address);
  const entries: { readonly key: ObjectView; readonly value: ObjectView }[] = [];
  for (const entry of reader.dictEntries(address, Math.min(length, budget.maxItems))) {
    const [key, value] = context.parts([entry.key, entry.value]).views;
    if (key === undefined || value === undefined) break;
    entries.push({ key, value });
  }
  return { kind: 'mapping', type: 'dict', entries, omitted: length - entries.length };
}

function viewCell({ address }: FoundObject, context: ViewContext): ObjectView {
  const { content } = context.reader.layout.cell;
  const struct = readStruct(context.reader.memory, address, content + 8, 'PyCellObject');
  const held = struct.pointer(content);
  return { kind: 'cell', content: held === undefined ? undefined : context.part(held) };
}

function viewRange(object: FoundObject, context: ViewContext): ObjectView {
  const { range } = context.reader.layout;
  if (range === undefined) throw new TypeError('a layout of Python 3 needs range');
  return { kind: 'range', type: 'range', ...viewBounds(object, context, range) };
}

function viewSlice(object: FoundObject, context: ViewContext): ObjectView {
  return { kind: 'slice', ...viewBounds(object, context, context.reader.layout.slice) };
}

function viewBounds({ address }: FoundObject, context: ViewContext, bounds: Bounds) {
  const { start, stop, step } = bounds;
  const struct = readStruct(context.reader.memory, address, Math.max(start, stop, step) + 8, 'bounds');
  return {
    start: context.part(struct.pointer(start)),
    stop: context.part(struct.pointer(stop)),
    step: context.part(struct.pointer(step)),
  };
}
