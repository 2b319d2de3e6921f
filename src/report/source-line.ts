import { escapeForTerminal } from '../base/escaping.ts';
import type { SourceRange } from '../model/frame.ts';
import type { Style } from './style.ts';

/**
 * Renders the source line of a frame without the blanks around it, the columns of the current instruction in blue.
 * An expression that goes on below is blue to the end of its first line.
 */
export function formatSourceLine(line: string, position: SourceRange | undefined, style: Style): string {
  const first = line.length - line.trimStart().length;
  const last = line.trimEnd().length;
  const span = position === undefined ? undefined : highlightedSpan(line, position);
  if (span === undefined) return escapeSource(line.slice(first, last));
  const start = clamp(span.start, first, last);
  const end = clamp(span.end, start, last);
  return [
    escapeSource(line.slice(first, start)),
    style.blue(escapeSource(line.slice(start, end))),
    escapeSource(line.slice(end, last)),
  ].join('');
}

/** A tab within a line is part of how it looks, and a terminal does no more than move on at it. */
function escapeSource(text: string): string {
  return text.includes('\t') ? text.split('\t').map(escapeForTerminal).join('\t') : escapeForTerminal(text);
}

/** The part of the line that the columns mean, as indexes into the string; `undefined` without columns. */
function highlightedSpan(line: string, position: SourceRange): { start: number; end: number } | undefined {
  const { column, endColumn, endLine } = position;
  if (column === undefined || endColumn === undefined) return undefined;
  const start = indexOfByte(line, column);
  const goesOn = endLine !== undefined && endLine !== position.line;
  if (goesOn) return { start, end: line.length };
  return endColumn > column ? { start, end: indexOfByte(line, endColumn) } : undefined;
}

/** Converts a UTF-8 byte offset into the index of the character that begins there, or holds that byte. */
function indexOfByte(text: string, byteOffset: number): number {
  let bytes = 0;
  let index = 0;
  for (const character of text) {
    const size = utf8Size(character.codePointAt(0) ?? 0);
    if (bytes + size > byteOffset) break;
    bytes += size;
    index += character.length;
  }
  return index;
}

function utf8Size(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  // A byte that is not UTF-8 is kept as a lone surrogate of this range (PEP 383).
  if (codePoint >= 0xdc80 && codePoint <= 0xdcff) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x1_0000 ? 3 : 4;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
