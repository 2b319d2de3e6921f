import { hex } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { ObjectView } from '../../model/object-view.ts';
import { foreignOffset, readCString, readPointer, readStruct } from './foreign-struct.ts';
import type { FoundObject, ViewContext, Viewer } from './viewer.ts';

type NamedKind = Extract<ObjectView, { readonly name: string; readonly kind: string }>['kind'];

/** Things of a program that are known by their names, by `tp_name`. */
export const NAMED_VIEWERS = {
  type: named('class', ({ address }, { reader }) => reader.typeFacts(address).fullName),
  module: named('module', readModuleName),
  function: named('function', readFunctionName),
  code: named('code', ({ address }, { reader }) => {
    const { name } = reader.layout.code;
    const struct = readStruct(reader.memory, address, name + 8, 'PyCodeObject');
    return reader.readText(struct.requiredPointer(name));
  }),
  method: named('method', readMethodName),
  /** Python 2's name of it. */
  instancemethod: named('method', readMethodName),
  builtin_function_or_method: named('builtin', ({ address }, { reader }) => {
    const { definition } = reader.layout.builtinMethod;
    const struct = readStruct(reader.memory, address, definition + 8, 'PyCFunctionObject');
    const name = readPointer(reader.memory, struct.requiredPointer(definition), 'PyMethodDef');
    if (name === undefined)
      throw new MalformedInputError(`function at ${hex(address)}`, definition, 'it has no name');
    return readCString(reader.memory, name, LONGEST_C_NAME);
  }),
} satisfies Record<string, Viewer>;

/** What a class keeps to compute attributes, by `tp_name`. What calls a function begins with the pointer to it. */
export const DESCRIPTOR_VIEWERS = {
  property: descriptor('property', readWrappedName),
  classmethod: descriptor('classmethod', readWrappedName),
  staticmethod: descriptor('staticmethod', readWrappedName),
  member_descriptor: descriptor('member', readMemberName),
  getset_descriptor: descriptor('getset', readMemberName),
} satisfies Record<string, Viewer>;

/** No function made in C has a longer name. */
const LONGEST_C_NAME = 256;

function descriptor(
  type: Extract<ObjectView, { readonly kind: 'descriptor' }>['type'],
  readNameOf: (object: FoundObject, context: ViewContext) => string | undefined,
): Viewer {
  return {
    isComposite: false,
    view: (object, context) => ({
      kind: 'descriptor',
      type,
      name: readNameOf(object, context),
      address: object.address,
    }),
  };
}

/** The name of a function written in Python; what is none, as a partial, has no name. */
function readWrappedName({ address }: FoundObject, context: ViewContext): string | undefined {
  const { memory, layout } = context.reader;
  const place = foreignOffset(address, layout.object.sizeBytes, 'descriptor');
  const wrapped = readPointer(memory, place, 'descriptor');
  if (wrapped === undefined) return undefined;
  const type = context.reader.typeOf(wrapped);
  return type.name === 'function' ? readFunctionName({ address: wrapped, type }, context) : undefined;
}

function readMemberName({ address }: FoundObject, { reader }: ViewContext): string {
  const { name } = reader.layout.descriptor;
  const struct = readStruct(reader.memory, address, name + 8, 'PyDescrObject');
  return reader.readText(struct.requiredPointer(name));
}

function readMethodName({ address }: FoundObject, context: ViewContext): string {
  const { function: at } = context.reader.layout.method;
  const struct = readStruct(context.reader.memory, address, at + 8, 'PyMethodObject');
  const called = struct.requiredPointer(at);
  const type = context.reader.typeOf(called);
  return type.name === 'function' ? readFunctionName({ address: called, type }, context) : type.fullName;
}

function named(kind: NamedKind, readNameOf: (object: FoundObject, context: ViewContext) => string): Viewer {
  return {
    isComposite: false,
    view: (object, context) => ({ kind, name: readNameOf(object, context), address: object.address }),
  };
}

function readFunctionName({ address }: FoundObject, { reader }: ViewContext): string {
  const { name, qualname = name } = reader.layout.function;
  const struct = readStruct(reader.memory, address, Math.max(name, qualname) + 8, 'PyFunctionObject');
  return reader.readText(struct.requiredPointer(qualname));
}

function readModuleName({ address }: FoundObject, { reader }: ViewContext): string {
  const { dict } = reader.layout.module;
  const struct = readStruct(reader.memory, address, dict + 8, 'PyModuleObject');
  const name = reader.lookUpString(struct.requiredPointer(dict), '__name__');
  if (name === undefined) throw new MalformedInputError(`module at ${hex(address)}`, dict, 'it has no name');
  return reader.readText(name);
}
