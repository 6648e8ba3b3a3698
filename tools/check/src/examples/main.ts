/** `npm test` step "examples": README examples against the sources of this workspace. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath, exit } from 'node:process';
import { findReadmes } from './readmes.ts';
import { runExamples, writeExamples } from './run.ts';

const root = join(import.meta.dirname, '../../../..');
// Inside the workspace, so that packages resolve; not in node_modules, where Node strips no types.
const cache = join(root, '.cache/examples');
const failures: string[] = [];
let count = 0;

for (const { path, name, text, needsExample } of findReadmes(root)) {
  const folder = join(cache, name);
  try {
    const examples = await writeExamples(text, path, folder);
    const running = examples.filter(({ runs }) => runs).length;
    if (needsExample && running === 0) failures.push(`${path}: has no \`\`\`ts example`);
    const problems = await runExamples(examples, folder, {
      node: execPath,
      nodeOptions: ['--conditions=@percpu/source'],
    });
    failures.push(...problems.map((problem) => `${path}: ${problem}`));
    count += running;
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
}

// They also have to type check: a reader's editor shows what ours would.
writeFileSync(
  join(cache, 'tsconfig.json'),
  JSON.stringify({
    extends: '../../tsconfig.test.json',
    compilerOptions: { incremental: false, rootDir: '../..' },
    include: ['.'],
  }),
);
const { status, stdout } = spawnSync('tsc', ['-p', cache], { encoding: 'utf8', cwd: root });
if (status !== 0) failures.push(`the examples do not type check:\n${stdout}`);

for (const failure of failures) console.error(failure);
console.log(`${count} README examples, ${failures.length} problems`);
exit(failures.length === 0 ? 0 : 1);
