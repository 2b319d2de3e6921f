import type { JsonObject, JsonValue } from '../../report/json-value.ts';
import { type ArgumentSpec, argumentTerm, type Command, optionsOf } from '../command.ts';
import { optionRows } from './option-rows.ts';

/** Writes what commands declare, for programs that call them, as docs/help.schema.json describes it. */
export function helpToJson(commands: readonly Command[]): JsonObject {
  return { schemaVersion: 1, commands: commands.map(commandToJson) };
}

function commandToJson(command: Command): JsonValue {
  const options = Object.entries(optionsOf(command)).flatMap(([name, spec]) => optionRows(name, spec));
  return {
    name: command.name,
    summary: command.summary,
    level: command.level ?? null,
    arguments: Object.entries(command.arguments).map(argumentToJson),
    options: options.map(([flags, help]) => ({ flags, help })),
    examples: command.examples.map(([commandLine, effect]) => ({ commandLine, effect })),
  };
}

function argumentToJson([name, spec]: readonly [name: string, spec: ArgumentSpec]): JsonValue {
  const term = argumentTerm(name, spec);
  return { term, isOptional: term.startsWith('['), help: spec.help };
}
