import { parseArgs } from 'node:util';
import { MEASURED_LAYOUTS } from '../src/cpython/layouts/generated/index.ts';
import {
  debugOffsetStatements,
  differences,
  differencesFromTable,
  fieldListDifferences,
} from './layouts/compare.ts';
import { readLiveRuntime, readRuntimeSection } from './layouts/debug-offsets-file.ts';
import {
  findExecutables,
  type Installation,
  installationFromHeaders,
  installationOf,
} from './layouts/installation.ts';
import { buildsOf, measure, runC } from './layouts/measure.ts';
import { isInVersions } from './layouts/probes.ts';
import { fileName } from './layouts/render.ts';

const ROOM = 'src/cpython/layouts';

/** A row or list that was compared, and what differed. */
interface Finding {
  readonly row: string;
  readonly file: string;
  readonly rules: readonly string[];
  /** Compared with the table of a target rather than with headers. */
  readonly isPublished: boolean;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      python: { type: 'string', multiple: true },
      include: { type: 'string' },
      dwarf: { type: 'string' },
    },
  });
  const installations =
    values.include === undefined
      ? (values.python ?? findExecutables()).map(installationOf).filter((found) => found !== undefined)
      : [installationFromHeaders(values.include, values.dwarf)];
  const findings: Finding[] = [];
  for (const installation of installations) {
    findings.push(...checkHeaders(installation), ...(await checkTable(installation)));
  }
  for (const { file, rules } of findings) for (const rule of rules) console.log(`${file}: ${rule}`);
  const checked = new Set(findings.map(({ row }) => row));
  const unchecked = Object.keys(MEASURED_LAYOUTS).filter((name) => !checked.has(name));
  if (unchecked.length > 0) console.log(`not checked, no headers here: ${unchecked.join(', ')}`);
  const asked = new Set(findings.filter(({ isPublished }) => isPublished).map(({ row }) => row));
  const unasked = [...checked].filter((name) => isInVersions(name, '3.13-') && !asked.has(name));
  if (unasked.length > 0)
    console.log(`not compared with a target, no such build here: ${unasked.join(', ')}`);
  return findings.every(({ rules }) => rules.length === 0) ? 0 : 1;
}

/** Compares each row of a version with the headers of an installation. */
function checkHeaders(installation: Installation): readonly Finding[] {
  return buildsOf(installation).map((build) => {
    const { name, version, values, unmeasured } = measure(installation, build);
    const file = `${ROOM}/generated/${fileName(name)}`;
    const row = MEASURED_LAYOUTS[name]?.();
    const rules = row === undefined ? ['no row'] : differences(row, values, unmeasured);
    return {
      row: name,
      file,
      rules: rules.map((rule) => `${rule} (headers of ${version})`),
      isPublished: false,
    };
  });
}

/** Compares row and list of fields with what a 3.13 or later publishes. */
async function checkTable(installation: Installation): Promise<readonly Finding[]> {
  const { minor, version, executable } = installation;
  const row = MEASURED_LAYOUTS[minor]?.();
  if (!isInVersions(minor, '3.13-') || row === undefined) return [];
  const list = fieldListDifferences(minor, runC(installation, 'release', debugOffsetStatements(minor)));
  const runtime =
    executable === undefined ? readRuntimeSection(installation) : await readLiveRuntime(executable);
  const where = executable === undefined ? 'section .PyRuntime' : 'a live process';
  const published = runtime === undefined ? [] : differencesFromTable(row, runtime);
  return [
    {
      row: minor,
      file: `${ROOM}/debug-offset-tables.ts`,
      rules: list.map((rule) => `${rule} (${version})`),
      isPublished: false,
    },
    {
      row: minor,
      file: `${ROOM}/generated/${fileName(minor)}`,
      rules: published.map((rule) => `${rule} (${where} of ${version})`),
      isPublished: runtime !== undefined,
    },
  ];
}

process.exitCode = await main();
