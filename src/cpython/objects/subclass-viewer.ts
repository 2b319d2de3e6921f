import type { ObjectView } from '../../model/object-view.ts';
import type { TypeFacts } from './type-table.ts';
import type { Viewer } from './viewer.ts';

/** What is worth seeing under the name of a subclass. A subclass of `type` or of an exception says its name itself. */
const WRAPPED: ReadonlySet<ObjectView['kind']> = new Set([
  'int',
  'float',
  'complex',
  'str',
  'bytes',
  'sequence',
  'mapping',
]);

/** Shows an object as its base class would, under its own name, and a named tuple with its fields. */
export function subclassViewer(base: Viewer): Viewer {
  return {
    isComposite: base.isComposite,
    view: (object, context) => {
      const view = base.view(object, context);
      if (!WRAPPED.has(view.kind)) return view;
      const fieldNames =
        view.kind === 'sequence' ? context.reader.traits.of(object.type).tupleFields : undefined;
      const typeName = shortName(object.type);
      return fieldNames === undefined
        ? { kind: 'subclass', typeName, base: view }
        : { kind: 'subclass', typeName, base: view, fieldNames };
    },
  };
}

/** `__name__`, which most reprs show instead of the full name. */
export function shortName({ name }: TypeFacts): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
