import { renderPageScripts } from '../page-scripts.ts';
import { MAY_IMPORT, MAY_IMPORT_PACKAGE } from './room-imports.ts';

/** A file that is made from something else, so that the two cannot differ. */
export interface GeneratedPage {
  readonly path: string;
  readonly render: () => string;
}

/** Every generated page: `npm run make-docs` writes them, `check-docs` compares them. */
export const GENERATED_PAGES: readonly GeneratedPage[] = [
  { path: 'docs/rooms.md', render: renderRooms },
  { path: 'src/formats/generated/page-scripts.ts', render: renderPageScripts },
];

function renderRooms(): string {
  const rooms = Object.entries(MAY_IMPORT).map(([room, others]) => [room, others.join(', ') || 'nothing']);
  const packages = Object.entries(MAY_IMPORT_PACKAGE).map(([name, users]) => [name, users.join(', ')]);
  return `# What each room may import

Made by \`npm run make-docs\` from \`scripts/checks/room-imports.ts\`, which \`check-layers\` holds every import against.
A room below \`src/\` that has no row is an error. What the rooms are for: [architecture](architecture.md).

${table(['room', 'may import, besides itself'], rooms)}

A package of npm may be imported by the rooms of its row only; one without a row is an error.

${table(['package', 'imported by'], packages)}
`;
}

/** Pads the cells, as the formatter of the repository would. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
