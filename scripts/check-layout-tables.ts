import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MEASURED_LAYOUTS } from '../src/cpython/layouts/generated/index.ts';
import {
  type BuildHere,
  debugOffsetStatements,
  differences,
  differencesFromTable,
  expectedRow,
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
    const runtime = await runtimeOf(installation);
    findings.push(...checkHeaders(installation, runtime), ...checkTable(installation, runtime));
  }
  for (const { file, rules } of findings) for (const rule of rules) console.log(`${file}: ${rule}`);
  const checked = new Set(findings.map(({ row }) => row));
  const unchecked = Object.keys(MEASURED_LAYOUTS).filter((name) => !checked.has(name));
  if (unchecked.length > 0)
    console.log(`not checked, nothing here to compare them with: ${unchecked.join(', ')}`);
  const asked = new Set(findings.filter(({ isPublished }) => isPublished).map(({ row }) => row));
  const unasked = [...checked].filter((name) => isInVersions(name, '3.13-') && !asked.has(name));
  if (unasked.length > 0)
    console.log(`not compared with a target, no such build here: ${unasked.join(', ')}`);
  return findings.every(({ rules }) => rules.length === 0) ? 0 : 1;
}

/** Reads the beginning of a release build's `_PyRuntime`; `undefined` where nothing has a table of offsets there. */
async function runtimeOf(installation: Installation): Promise<Uint8Array | undefined> {
  const { minor, executable } = installation;
  if (!isInVersions(minor, '3.13-')) return undefined;
  return executable === undefined ? readRuntimeSection(installation) : await readLiveRuntime(executable);
}

/** The release that a row was measured in, as the head of its file has it. */
function measuredVersionOf(name: string): string | undefined {
  const file = `${ROOM}/generated/${fileName(name)}`;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return /^\/\/ Headers of CPython ([^,]+),/m.exec(text)?.[1];
}

/** Compares what we take each build of a version to look like with the headers of an installation. */
function checkHeaders(installation: Installation, runtime: Uint8Array | undefined): readonly Finding[] {
  return buildsOf(installation).flatMap((build) => {
    const { name, version, values, unmeasured } = measure(installation, build);
    const rules = headerRules(
      { name, version, runtime: build === 'release' ? runtime : undefined },
      values,
      unmeasured,
    );
    return rules === undefined
      ? []
      : {
          row: name,
          file: `${ROOM}/generated/${fileName(name)}`,
          rules: rules.map((rule) => `${rule} (headers of ${version})`),
          isPublished: false,
        };
  });
}

/** `undefined` where nothing tells what we take that release to look like. */
function headerRules(
  build: Omit<BuildHere, 'measuredVersion'>,
  values: ReadonlyMap<string, number>,
  unmeasured: readonly string[],
): readonly string[] | undefined {
  if (MEASURED_LAYOUTS[build.name] === undefined) return ['no row'];
  const expected = expectedRow({ ...build, measuredVersion: measuredVersionOf(build.name) });
  return expected && differences(expected.row, values, [...unmeasured, ...expected.incomparable]);
}

/** Compares the list of fields with what a 3.13 or later has, and the row with what the release that it is of publishes. */
function checkTable(installation: Installation, runtime: Uint8Array | undefined): readonly Finding[] {
  const { minor, version, executable } = installation;
  const row = MEASURED_LAYOUTS[minor]?.();
  if (!isInVersions(minor, '3.13-') || row === undefined) return [];
  const list = fieldListDifferences(minor, runC(installation, 'release', debugOffsetStatements(minor)));
  const where = executable === undefined ? 'section .PyRuntime' : 'a live process';
  const isOfRow = version === measuredVersionOf(minor);
  const published = runtime === undefined || !isOfRow ? [] : differencesFromTable(row, runtime);
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
