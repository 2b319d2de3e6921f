import { escapeForTerminal } from '../base/escaping.ts';
import type { LoadedModule, ModuleFileState, ModuleReport } from '../model/loaded-module.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

/** What is worth saying of a file; nothing of one that is as it was. */
const REMARKS: Readonly<Record<ModuleFileState, string>> = {
  same: '',
  changed: 'changed since the process started',
  replaced: 'replaced or touched since the process started',
  gone: 'gone',
  archive: '',
  unknown: '',
};

const CORE_REMARKS: Readonly<Partial<Record<ModuleFileState, string>>> = {
  changed: 'changed since the core was written',
  replaced: 'replaced or touched since the core was written',
};

/** How modules are listed. */
export interface ModuleManner {
  readonly style: Style;
  readonly width: number | undefined;
  readonly isCore: boolean;
}

/** What is to be said of the file of a module; `undefined` for nothing. */
export function fileRemark({ fileState }: LoadedModule, isCore: boolean): string | undefined {
  if (fileState === undefined) return undefined;
  const remark = (isCore ? CORE_REMARKS[fileState] : undefined) ?? REMARKS[fileState];
  return remark === '' ? undefined : remark;
}

/** Renders modules as a table: name, kind, file, and what became of that. */
export function moduleLines({ modules }: ModuleReport, manner: ModuleManner): Iterable<string> {
  const { style, width, isCore } = manner;
  const hasSeveral = new Set(modules.map(({ interpreterId }) => interpreterId)).size > 1;
  const interpreter = {
    heading: 'INTERPRETER',
    isRightAligned: true,
    importance: 3,
    format: ({ interpreterId }: LoadedModule) => `${interpreterId}`,
  };
  return tableLines(modules, {
    columns: [
      {
        heading: 'MODULE',
        isRightAligned: false,
        importance: 4,
        format: ({ name }) => escapeForTerminal(name),
      },
      ...(hasSeveral ? [interpreter] : []),
      { heading: 'KIND', isRightAligned: false, importance: 1, format: ({ kind }) => kind },
    ],
    last: {
      heading: 'FILE',
      narrowest: 20,
      format: (module) => {
        const place = escapeForTerminal(module.file ?? module.packagePath.join(', '));
        const remark = fileRemark(module, isCore);
        return remark === undefined ? place : `${place}  ${style.yellow(`(${remark})`)}`;
      },
    },
    style,
    width,
  });
}
