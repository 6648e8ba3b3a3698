/**
 * Tools of the host that some tests need and npm cannot bring. A test that misses its tool is
 * skipped, and it is said here, once; with PERCPU_REQUIRE_TOOLS=1 a missing tool is a failure.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env, exit } from 'node:process';

interface HostTool {
  readonly name: string;
  readonly commands: readonly string[];
  readonly skipped: string;
  readonly install: string;
}

const TOOLS: readonly HostTool[] = [
  {
    name: 'C compiler',
    commands: ['gcc', 'cc', 'clang'],
    skipped: 'comparisons with C (tools/peers)',
    install: 'apt-get install build-essential',
  },
  {
    name: 'Chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    skipped: 'browser tests of the report page',
    install: 'apt-get install chromium',
  },
];

function isOnPath(command: string): boolean {
  return (env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

const missing = TOOLS.filter(({ commands }) => !commands.some(isOnPath));
for (const { name, skipped, install } of missing) {
  console.log(`skipped: ${skipped}, because there is no ${name} here (${install})`);
}
const required = env.PERCPU_REQUIRE_TOOLS === '1';
if (required && missing.length > 0) console.log('PERCPU_REQUIRE_TOOLS=1: that is a failure');
exit(required && missing.length > 0 ? 1 : 0);
