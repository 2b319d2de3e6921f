import { posix } from 'node:path';
import { type ModuleReference, moduleReferences } from './module-references.ts';
import {
  MAY_IMPORT,
  MAY_IMPORT_FILE,
  MAY_IMPORT_PACKAGE,
  mayDoIo,
  PURE_NODE_MODULES,
} from './room-imports.ts';
import { type Finding, isTest, isTypeScript, type SourceText } from './source-text.ts';

/** Refuses an import against the table of rooms, in any form, and files of one room that import each other in a circle. */
export function checkLayers(files: readonly SourceText[]): readonly Finding[] {
  const sources = files.filter(({ path }) => path.startsWith('src/') && isTypeScript(path));
  const findings = sources.flatMap((file) => [
    ...placeFindings(file),
    ...moduleReferences(file).flatMap((reference) => {
      const rule = brokenRule(file.path, reference);
      return rule === undefined ? [] : [{ file: file.path, line: reference.line, rule }];
    }),
  ]);
  return [...findings, ...cycleFindings(sources.filter(({ path }) => !isTest(path)))];
}

/** The room of a file below `src/`; `undefined` for a file that lies in none. */
function roomOf(path: string): string | undefined {
  const parts = path.split('/');
  return parts[0] === 'src' && parts.length > 2 ? parts[1] : undefined;
}

function placeFindings({ path }: SourceText): readonly Finding[] {
  const room = roomOf(path);
  if (room === undefined) return [{ file: path, line: 1, rule: 'a source file lies in a room' }];
  if (MAY_IMPORT[room] !== undefined) return [];
  return [{ file: path, line: 1, rule: `room ${room} has no row in scripts/checks/room-imports.ts` }];
}

function brokenRule(path: string, { specifier, isTypeOnly }: ModuleReference): string | undefined {
  if (specifier === undefined) return 'an import names its module in plain text';
  if (specifier.startsWith('.')) return brokenRoomRule(path, resolve(path, specifier));
  if (isTest(path)) return undefined;
  if (specifier.startsWith('node:')) {
    if (mayDoIo(path) || isTypeOnly || PURE_NODE_MODULES.has(specifier)) return undefined;
    return `only platform and cli/main.ts may import ${specifier}`;
  }
  return brokenPackageRule(roomOf(path), specifier);
}

function brokenRoomRule(path: string, target: string): string | undefined {
  const room = roomOf(path);
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) {
    if (isTest(path) && target.startsWith('test/support/')) return undefined;
    if (room !== undefined && MAY_IMPORT_FILE[target]?.includes(room)) return undefined;
    return `src may not import ${target}`;
  }
  if (room === undefined || room === targetRoom || MAY_IMPORT[room] === undefined) return undefined;
  if (MAY_IMPORT[room].includes(targetRoom)) return undefined;
  return `${room} may not import ${targetRoom} (${target})`;
}

function brokenPackageRule(room: string | undefined, specifier: string): string | undefined {
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
  const rooms = MAY_IMPORT_PACKAGE[name];
  if (rooms === undefined) return `package ${name} has no row in scripts/checks/room-imports.ts`;
  if (room === undefined || rooms.includes(room)) return undefined;
  return `only ${rooms.join(' and ')} may import ${name}`;
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

interface Edge {
  readonly target: string;
  readonly line: number;
}

/**
 * Walks the imports inside each room depth first; an import of a file that is still open closes a circle. Only what is
 * loaded together counts: the parts of a recursive reader may know each other's types, and a table may load late.
 */
function cycleFindings(sources: readonly SourceText[]): readonly Finding[] {
  const edges = new Map(sources.map((file) => [file.path, edgesInsideRoom(file)]));
  const finished = new Set<string>();
  const open: string[] = [];
  const findings: Finding[] = [];
  const walk = (path: string): void => {
    open.push(path);
    for (const { target, line } of edges.get(path) ?? []) {
      const start = open.indexOf(target);
      if (start >= 0) {
        const circle = [...open.slice(start), target].join(' → ');
        findings.push({ file: path, line, rule: `files import each other in a circle: ${circle}` });
      } else if (!finished.has(target)) walk(target);
    }
    open.pop();
    finished.add(path);
  };
  for (const { path } of sources) if (!finished.has(path)) walk(path);
  return findings;
}

function edgesInsideRoom(file: SourceText): readonly Edge[] {
  return moduleReferences(file).flatMap(({ specifier, line, isTypeOnly, isLazy }) => {
    if (specifier === undefined || !specifier.startsWith('.') || isTypeOnly || isLazy) return [];
    const target = resolve(file.path, specifier);
    return roomOf(target) === roomOf(file.path) ? [{ target, line }] : [];
  });
}
