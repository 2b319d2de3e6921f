import { ARRAY_VIEWERS } from './array-viewer.ts';
import { CONTAINER_VIEWERS, PYTHON3_CONTAINER_VIEWERS } from './container-viewers.ts';
import { CLASSIC_VIEWERS, EXCEPTION_VIEWERS, enumMemberViewer, instanceViewer } from './instance-viewers.ts';
import { DESCRIPTOR_VIEWERS, NAMED_VIEWERS } from './named-viewers.ts';
import { PYTHON2_VIEWERS, PYTHON3_VIEWERS, SCALAR_VIEWERS } from './scalar-viewers.ts';
import { subclassViewer } from './subclass-viewer.ts';
import type { FoundObject, Viewer, ViewSource } from './viewer.ts';

const COMMON = {
  ...SCALAR_VIEWERS,
  ...CONTAINER_VIEWERS,
  ...NAMED_VIEWERS,
  ...DESCRIPTOR_VIEWERS,
  ...EXCEPTION_VIEWERS,
  ...ARRAY_VIEWERS,
};
/** By `tp_name` of a type made in C. */
const PYTHON3: ReadonlyMap<string, Viewer> = new Map(
  Object.entries({ ...COMMON, ...PYTHON3_VIEWERS, ...PYTHON3_CONTAINER_VIEWERS }),
);
const PYTHON2: ReadonlyMap<string, Viewer> = new Map(
  Object.entries({ ...COMMON, ...PYTHON2_VIEWERS, ...CLASSIC_VIEWERS }),
);

/**
 * Chooses how an object is shown. What it is laid out as only the nearest type made in C tells, for a class
 * statement can use any name. Enum members come first: they may be ints or strings besides.
 */
export function viewerOf(object: FoundObject, reader: ViewSource): Viewer {
  const viewer = builtInViewerOf(object, reader);
  return reader.traits.of(object.type).isEnum ? enumMemberViewer(viewer) : viewer;
}

function builtInViewerOf({ type }: FoundObject, reader: ViewSource): Viewer {
  const viewers = reader.layout.unicode2 === undefined ? PYTHON3 : PYTHON2;
  for (const [index, name] of type.builtInTypes.entries()) {
    const viewer = viewers.get(name);
    if (viewer !== undefined) return index === 0 && type.isBuiltIn ? viewer : subclassViewer(viewer);
  }
  return instanceViewer;
}
