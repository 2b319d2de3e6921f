import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  findExecutables,
  type Installation,
  installationFromHeaders,
  installationOf,
} from './layouts/installation.ts';
import { buildsOf, measure } from './layouts/measure.ts';
import { fileName, renderIndex, renderLayout } from './layouts/render.ts';

const GENERATED = join(import.meta.dirname, '../src/cpython/layouts/generated');

const USAGE = `make-layouts [--python PATH ...] [--include DIR [--dwarf FILE]] [--check]
Measures CPython's structs and writes src/cpython/layouts/generated.
  --python PATH   an interpreter with headers; without any, those of pyenv and PATH
  --include DIR   headers without an interpreter: the directory of Python.h
  --dwarf FILE    the file with the DWARF that goes with --include
  --check         write nothing, exit 1 when a file would change
`;

function main(): number {
  const { values } = parseArgs({
    options: {
      python: { type: 'string', multiple: true },
      include: { type: 'string' },
      dwarf: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const installations =
    values.include === undefined
      ? (values.python ?? findExecutables()).map(installationOf).filter((found) => found !== undefined)
      : [installationFromHeaders(values.include, values.dwarf)];
  mkdirSync(GENERATED, { recursive: true });
  const differing = installations.flatMap((installation) => makeRows(installation, values.check));
  if (!values.check) writeIndex();
  return differing.length === 0 || !values.check ? 0 : 1;
}

/** Writes every row that an installation gives; the names of those that changed. */
function makeRows(installation: Installation, onlyCheck: boolean): readonly string[] {
  return buildsOf(installation).flatMap((build) => {
    const measurement = measure(installation, build);
    const { name, version, unmeasured } = measurement;
    if (unmeasured.length > 0) {
      console.log(`${fileName(name)}: not made, ${version} has no DWARF for ${unmeasured.join(', ')}`);
      return [];
    }
    const path = join(GENERATED, fileName(name));
    const text = renderLayout(measurement);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return [];
    console.log(`${fileName(name)}: ${onlyCheck ? 'differs from' : 'made from'} ${version}`);
    if (!onlyCheck) writeFileSync(path, text);
    return [name];
  });
}

function writeIndex(): void {
  const rows = readdirSync(GENERATED).filter((name) => name.startsWith('cpython-'));
  writeFileSync(join(GENERATED, 'index.ts'), renderIndex(rows));
}

process.exitCode = main();
