/**
 * docs/explorations.md: `--write` makes it anew, otherwise it is held against what the tests have just left behind
 * (`npm test` runs this after them).
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { explorationsPage, withoutSeconds } from './page.ts';
import { RECORDS } from './record.ts';
import type { ExploredFile } from './record.ts';

const PAGE = 'docs/explorations.md';

const files = globSync(`packages/*/${RECORDS}/*.json`)
  .sort()
  .map((record) => ({ record, ...(JSON.parse(readFileSync(record, 'utf8')) as ExploredFile) }))
  // A test file that is gone has nothing to say.
  .filter(({ record, file }) =>
    existsSync(path.join(record.slice(0, record.indexOf(RECORDS)), file)),
  );
const where = `${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node.split('.')[0]}`;
const page = await format(explorationsPage(files, where), {
  ...(await resolveConfig(PAGE)),
  filepath: PAGE,
});

if (process.argv.includes('--write')) writeFileSync(PAGE, page);
else if (withoutSeconds(page) !== withoutSeconds(readFileSync(PAGE, 'utf8'))) {
  const [is, should] = [readFileSync(PAGE, 'utf8'), page].map((text) =>
    withoutSeconds(text).split('\n'),
  );
  const at = should!.findIndex((line, i) => line !== is![i]);
  console.error(
    `${PAGE} does not say what the tests explore. First difference, line ${at + 1}:\n  page:  ${is![at] ?? '(end)'}\n  tests: ${should![at] ?? '(end)'}\n` +
      'npm run explorations makes it anew.',
  );
  process.exitCode = 1;
}
