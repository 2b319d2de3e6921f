/**
 * Prints what breaks the house rules, as `file:line: rule`: all of them, or those named as arguments.
 * `npx tsx scripts/house-rules.ts check-io check-layers`
 */
import { ALL_CHECKS } from './checks/all-checks.ts';
import { readRepositoryFiles } from './checks/repository-files.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => ALL_CHECKS[name] === undefined);
const files = readRepositoryFiles('.');
const findings = Object.entries(ALL_CHECKS)
  .filter(([name]) => asked.length === 0 || asked.includes(name))
  .flatMap(([, check]) => check(files));

for (const name of unknown)
  console.error(`Cannot run ${name}: there is ${Object.keys(ALL_CHECKS).join(', ')}`);
for (const { file, line, rule } of findings) console.log(`${file}:${line}: ${rule}`);
process.exitCode = findings.length + unknown.length > 0 ? 1 : 0;
