import type { Address } from '../../base/address.ts';
import type { ObjectView } from '../../model/object-view.ts';
import { type Attribute, readAttributes, readDictAttributes } from './attributes.ts';
import { readStruct } from './foreign-struct.ts';
import { shortName } from './subclass-viewer.ts';
import { hasFlag, readTypeAddress, TYPE_FLAGS } from './type-flags.ts';
import type { FoundObject, ViewContext, Viewer } from './viewer.ts';

/** What an enum member keeps beside its own attributes; there are few of those. */
const MOST_MEMBER_ATTRIBUTES = 100;
/** A dataclass of more fields is shown without its last ones. */
const MOST_ATTRIBUTES = 1000;

/** Shows an instance by its attributes; one of a type made in C that has none is opaque. */
export const instanceViewer: Viewer = {
  isComposite: true,
  view: (object, context) => {
    const { address, type } = object;
    const fields = context.reader.traits.of(type).dataclassFields;
    if (fields !== undefined) return viewDataclass(object, context, fields);
    const { items, omitted } = readAttributes(context.reader, address, type, context.budget.maxItems);
    if (type.isBuiltIn && items.length === 0) return { kind: 'opaque', typeName: type.fullName, address };
    const shown = viewAttributes(items, context);
    return {
      kind: 'instance',
      typeName: type.fullName,
      address,
      isDataclass: false,
      attributes: shown.attributes,
      omitted: omitted + shown.omitted,
    };
  },
};

/** Its repr shows the fields in the order of the class, under the qualified name, and nothing else. */
function viewDataclass(
  { address, type }: FoundObject,
  context: ViewContext,
  fields: readonly string[],
): ObjectView {
  const { items, omitted } = readAttributes(context.reader, address, type, MOST_ATTRIBUTES);
  const byName = new Map(items.map((item) => [item.name, item] as const));
  const ordered = fields.flatMap((name) => byName.get(name) ?? []);
  const shown = viewAttributes(ordered.slice(0, context.budget.maxItems), context);
  return {
    kind: 'instance',
    typeName: type.qualifiedName,
    address,
    isDataclass: true,
    attributes: shown.attributes,
    omitted: omitted + items.length - shown.attributes.length,
  };
}

type InstanceAttributes = Extract<ObjectView, { readonly kind: 'instance' }>['attributes'];

function viewAttributes(
  items: readonly Attribute[],
  context: ViewContext,
): { readonly attributes: InstanceAttributes; readonly omitted: number } {
  const { views, omitted } = context.parts(items.map(({ value }) => value));
  const attributes = items.flatMap(({ name }, index) => {
    const value = views[index];
    return value === undefined ? [] : [{ name, value }];
  });
  return { attributes, omitted };
}

/** Shows a member of an enum; one that has no name yet, or is a nameless flag, as what it is besides. */
export function enumMemberViewer(fallback: Viewer): Viewer {
  return {
    isComposite: true,
    view: (object, context) => {
      const { address, type } = object;
      const { items } = readAttributes(context.reader, address, type, MOST_MEMBER_ATTRIBUTES);
      const name = items.find((item) => item.name === '_name_')?.value;
      const value = items.find((item) => item.name === '_value_')?.value;
      if (name === undefined || value === undefined || !isText(name, context))
        return fallback.view(object, context);
      return {
        kind: 'enum-member',
        typeName: shortName(type),
        memberName: context.reader.readText(name),
        value: context.part(value),
      };
    },
  };
}

function isText(object: Address, { reader }: ViewContext): boolean {
  const textFlag =
    reader.layout.unicode2 === undefined ? TYPE_FLAGS.unicodeSubclass : TYPE_FLAGS.bytesSubclass;
  return hasFlag(reader.flags.of(readTypeAddress(reader, object)), textFlag);
}

const exceptionViewer: Viewer = {
  isComposite: true,
  view: ({ address, type }, context) => {
    const { args } = context.reader.layout.exception;
    const struct = readStruct(context.reader.memory, address, args + 8, 'PyBaseExceptionObject');
    return { kind: 'exception', typeName: shortName(type), args: context.part(struct.pointer(args)) };
  },
};

/** Exceptions, by `tp_name` of their base in 3.x and in 2.7. */
export const EXCEPTION_VIEWERS = {
  BaseException: exceptionViewer,
  'exceptions.BaseException': exceptionViewer,
} satisfies Record<string, Viewer>;

/** Python 2's old-style classes and their instances, by `tp_name`. */
export const CLASSIC_VIEWERS = {
  classobj: {
    isComposite: false,
    view: ({ address }, context) => ({ kind: 'class', name: readClassicName(address, context), address }),
  },
  instance: { isComposite: true, view: viewClassicInstance },
} satisfies Record<string, Viewer>;

function readClassicName(address: Address, { reader }: ViewContext): string {
  const { class2 } = reader.layout;
  if (class2 === undefined) throw new TypeError('a layout of Python 2 needs class2');
  const struct = readStruct(reader.memory, address, class2.name + 8, 'PyClassObject');
  return reader.readText(struct.requiredPointer(class2.name));
}

function viewClassicInstance({ address }: FoundObject, context: ViewContext): ObjectView {
  const { reader, budget } = context;
  const { instance2 } = reader.layout;
  if (instance2 === undefined) throw new TypeError('a layout of Python 2 needs instance2');
  const end = Math.max(instance2.class, instance2.dict) + 8;
  const struct = readStruct(reader.memory, address, end, 'PyInstanceObject');
  const dict = struct.requiredPointer(instance2.dict);
  const { items, omitted } = readDictAttributes(
    reader,
    reader.dictEntries(dict, MOST_ATTRIBUTES),
    budget.maxItems,
  );
  const shown = viewAttributes(items, context);
  return {
    kind: 'instance',
    typeName: readClassicName(struct.requiredPointer(instance2.class), context),
    address,
    isDataclass: false,
    attributes: shown.attributes,
    omitted: omitted + shown.omitted,
  };
}
