import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Says what a document breaks of a schema in docs/; nothing when it holds. */
export function violations(schemaName: string, document: unknown): readonly string[] {
  const path = new URL(`../../docs/${schemaName}.schema.json`, import.meta.url);
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  const validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')));
  validate(JSON.parse(JSON.stringify(document)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
