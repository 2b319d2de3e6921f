import type { Measurement } from './measure.ts';
import { PROBES } from './probes.ts';

/** Renders a measurement as the source text of its file in `src/cpython/layouts/generated`. */
export function renderLayout(measurement: Measurement): string {
  const { name, values } = measurement;
  const allFields = [...new Set(PROBES.map(({ field }) => field))];
  const groups = new Set(allFields.map((field) => field.split('.')[0] ?? field));
  const lines = [...groups].flatMap((group) => {
    const fields = allFields.filter((field) => field.startsWith(`${group}.`));
    if (fields.every((field) => !values.has(field))) return [`  ${group}: undefined,`];
    const members = fields.map((field) => `    ${field.slice(group.length + 1)}: ${values.get(field)},`);
    return [`  ${group}: {`, ...members, '  },'];
  });
  return [
    ...headerLines(measurement),
    '',
    "import type { MeasuredLayout } from '../layout.ts';",
    '',
    `/** CPython ${name}, x86-64. */`,
    `export const ${functionName(name)} = (): MeasuredLayout => ({`,
    `  name: '${name}',`,
    ...lines,
    '});',
    '',
  ].join('\n');
}

/** Renders the table of all rows from the names of their files. */
export function renderIndex(fileNames: readonly string[]): string {
  const names = fileNames.map((name) => name.slice('cpython-'.length, -'.ts'.length)).sort(compareNames);
  return [
    '// Made by scripts/make-layouts.ts; not to be edited.',
    '',
    "import type { MeasuredLayout } from '../layout.ts';",
    ...names.map((name) => `import { ${functionName(name)} } from './${fileName(name)}';`),
    '',
    '/** Every measured row by its name: `3.11`, `3.13t`, `3.8d`. Each is made when it is asked for: few processes need two. */',
    'export const MEASURED_LAYOUTS: Readonly<Record<string, () => MeasuredLayout>> = {',
    ...names.map((name) => `  '${name}': ${functionName(name)},`),
    '};',
    '',
  ].join('\n');
}

/** By number, as `3.9` comes before `3.10`. */
function compareNames(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}

/** Name of the generated file of a row. */
export function fileName(name: string): string {
  return `cpython-${name}.ts`;
}

function functionName(name: string): string {
  return `cpython${name.replace('.', '')}`;
}

function headerLines({ version, compiler, command, fromDwarf, dwarfShift }: Measurement): readonly string[] {
  const moved = dwarfShift === 0 ? '' : ` of a release build, those after a PyObject moved by ${dwarfShift}`;
  return [
    '// Made by scripts/make-layouts.ts; not to be edited.',
    `// Headers of CPython ${version}, x86-64, ${compiler}:`,
    `// ${command}`,
    ...(fromDwarf.length === 0 ? [] : [`// From DWARF${moved}: ${fromDwarf.join(', ')}.`]),
  ];
}
