import { hex } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { ObjectView } from '../../model/object-view.ts';
import { readStruct } from './foreign-struct.ts';
import type { FoundObject, ViewContext, Viewer } from './viewer.ts';

type NamedKind = Extract<ObjectView, { readonly kind: 'class' | 'module' | 'function' | 'code' }>['kind'];

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
} satisfies Record<string, Viewer>;

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
