import { hex } from '../base/address.ts';
import type { ObjectView } from '../model/object-view.ts';
import { type JsonValue, numberToJson, optionalToJson } from './json-value.ts';

type Kind = ObjectView['kind'];
type ViewOf<K extends Kind> = Extract<ObjectView, { readonly kind: K }>;
type Fields = { readonly [name: string]: JsonValue };

/** Writes an object as it was read: the fields of `ObjectView`, integers as strings, addresses as `0x…`. */
export function objectToJson(view: ObjectView): JsonValue {
  return { kind: view.kind, ...fieldsOf(view) };
}

function fieldsOf(view: ObjectView): Fields {
  switch (view.kind) {
    case 'none':
    case 'ellipsis':
    case 'not-implemented':
      return {};
    case 'bool':
    case 'int':
    case 'float':
    case 'complex':
    case 'str':
    case 'bytes':
      return scalarFields(view);
    case 'sequence':
    case 'mapping':
    case 'range':
    case 'slice':
    case 'cell':
      return containerFields(view);
    case 'enum-member':
    case 'exception':
    case 'subclass':
    case 'instance':
      return instanceFields(view);
    case 'class':
    case 'module':
    case 'function':
    case 'code':
    case 'method':
    case 'builtin':
      return { name: view.name, address: hex(view.address) };
    case 'descriptor':
      return { type: view.type, name: view.name ?? null, address: hex(view.address) };
    case 'array':
      return arrayFields(view);
    case 'literal':
      return { typeName: view.typeName, text: view.text };
    case 'opaque':
    case 'cycle':
    case 'omitted':
      return { typeName: view.typeName, address: hex(view.address) };
    case 'invalid':
      return { typeName: view.typeName ?? null, address: hex(view.address), reason: view.reason };
  }
}

function scalarFields(view: ViewOf<'bool' | 'int' | 'float' | 'complex' | 'str' | 'bytes'>): Fields {
  switch (view.kind) {
    case 'bool':
      return { value: view.value };
    case 'int':
      return { value: `${view.value}`, isLong: view.isLong };
    case 'float':
      return { value: numberToJson(view.value) };
    case 'complex':
      return { real: numberToJson(view.real), imaginary: numberToJson(view.imaginary) };
    case 'str':
      return { value: view.value, omitted: view.omitted, python2: view.python2 ?? null };
    case 'bytes':
      return { type: view.type, value: bytesToJson(view.value), omitted: view.omitted };
  }
}

function bytesToJson(bytes: Uint8Array): JsonValue {
  return { b64: Buffer.from(bytes).toString('base64'), len: bytes.length };
}

function containerFields(view: ViewOf<'sequence' | 'mapping' | 'range' | 'slice' | 'cell'>): Fields {
  switch (view.kind) {
    case 'sequence':
      return { type: view.type, items: view.items.map(objectToJson), omitted: view.omitted };
    case 'mapping': {
      const entries = view.entries.map(({ key, value }) => ({
        key: objectToJson(key),
        value: objectToJson(value),
      }));
      return { type: view.type, entries, omitted: view.omitted };
    }
    case 'range':
      return { type: view.type, ...boundsOf(view) };
    case 'slice':
      return boundsOf(view);
    case 'cell':
      return { content: optionalToJson(view.content, objectToJson) };
  }
}

function arrayFields({ typeName, address, dtype, device, shape, items, omitted }: ViewOf<'array'>): Fields {
  return {
    typeName,
    address: hex(address),
    dtype,
    ...(device === undefined ? {} : { device }),
    shape: [...shape],
    items: items.map(objectToJson),
    omitted,
  };
}

function boundsOf({ start, stop, step }: ViewOf<'range' | 'slice'>): Fields {
  return { start: objectToJson(start), stop: objectToJson(stop), step: objectToJson(step) };
}

function instanceFields(view: ViewOf<'enum-member' | 'exception' | 'subclass' | 'instance'>): Fields {
  switch (view.kind) {
    case 'enum-member':
      return { typeName: view.typeName, memberName: view.memberName, value: objectToJson(view.value) };
    case 'exception':
      return { typeName: view.typeName, args: objectToJson(view.args) };
    case 'subclass':
      return {
        typeName: view.typeName,
        base: objectToJson(view.base),
        fieldNames: optionalToJson(view.fieldNames, (names) => [...names]),
      };
    case 'instance': {
      const { typeName, address, isDataclass, omitted } = view;
      const attributes = view.attributes.map(({ name, value }) => ({ name, value: objectToJson(value) }));
      return { typeName, address: hex(address), isDataclass, attributes, omitted };
    }
  }
}
