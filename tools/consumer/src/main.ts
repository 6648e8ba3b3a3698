/**
 * `npm test` step "consumer": packs every public package, installs the tarballs in an empty project
 * outside the workspace, and runs every README example there under each Node that we promise.
 *
 * Needs the npm registry (piscina, types, older Nodes). Without it, it says what it skips; with
 * PERCPU_REQUIRE_TOOLS=1 that is a failure.
 */
import { findReadmes } from '@percpu-tools/check/examples/readmes';
import { runExamples, writeExamples } from '@percpu-tools/check/examples/run';
import type { WrittenExample } from '@percpu-tools/check/examples/run';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { mustRun, run } from './command.ts';
import { findNodes } from './nodes.ts';
import type { Node } from './nodes.ts';
import { faultsOf, pack, publicPackages } from './packages.ts';
import { isReachable, makeProject, transpile, typeErrors } from './project.ts';

const root = join(import.meta.dirname, '../../..');

interface Examples {
  readonly path: string;
  readonly folder: string;
  readonly examples: readonly WrittenExample[];
}

async function consume(work: string): Promise<{ failures: string[]; skipped: string[] }> {
  const failures: string[] = [];
  const skipped: string[] = [];
  const packages = publicPackages(root);

  await mustRun('nx', ['run-many', '--targets=build', '--output-style=static'], root);
  const tarballs: string[] = [];
  await mkdir(join(work, 'tarballs'));
  for (const one of packages) {
    const tarball = await pack(one, join(work, 'tarballs'));
    tarballs.push(tarball);
    failures.push(...(await faultsOf(tarball, root)).map((fault) => `${one.name}: ${fault}`));
  }
  console.log(`${packages.length} packages packed, held against publint and attw`);

  const peers = packages.flatMap((one) => Object.entries(one.peers));
  const also = { ...Object.fromEntries(peers), ...nodeTypes() };
  if (!(await isReachable(also, root))) {
    skipped.push('all that needs installed packages: the npm registry cannot be reached');
    return { failures, skipped };
  }
  const project = join(work, 'project');
  await makeProject({ folder: project, tarballs, also });

  const readmes: Examples[] = [];
  for (const { path, name, text } of findReadmes(root)) {
    const folder = join(project, 'examples', name);
    readmes.push({ path, folder, examples: await writeExamples(text, path, folder) });
  }
  const wrongTypes = await typeErrors(root, project);
  if (wrongTypes !== '') failures.push(`types in a consumer's project:\n${wrongTypes}`);
  await transpile(join(project, 'examples'));

  for (const node of await findNodes(root)) {
    if ('why' in node) {
      skipped.push(`README examples under Node ${node.version}: ${node.why}`);
      continue;
    }
    const problems = [
      ...(await runReadmes(readmes, node)),
      ...(await runCommands(
        packages.flatMap(({ commands }) => commands),
        project,
        node,
      )),
    ];
    failures.push(...problems.map((problem) => `Node ${node.version}: ${problem}`));
    console.log(`Node ${node.version}: ${problems.length} problems`);
  }
  return { failures, skipped };
}

/** The examples use Node, so a reader's editor has its types: in the version of the workspace. */
function nodeTypes(): Record<string, string> {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return { '@types/node': devDependencies['@types/node']! };
}

async function runReadmes(readmes: readonly Examples[], node: Node): Promise<string[]> {
  const problems: string[] = [];
  for (const { path, folder, examples } of readmes) {
    const found = await runExamples(examples, folder, { node: node.path });
    problems.push(...found.map((problem) => `${path}: ${problem}`));
  }
  return problems;
}

/** Installed commands start: `percpu --help` ends with 0. */
async function runCommands(
  commands: readonly string[],
  project: string,
  node: Node,
): Promise<string[]> {
  const problems: string[] = [];
  for (const command of commands) {
    const file = join(project, 'node_modules/.bin', command);
    const { ok, output } = await run(node.path, [file, '--help'], project);
    if (!ok) problems.push(`${command} --help:\n${output}`);
  }
  return problems;
}

// Reached through the PATH of whoever starts us, but also when started by hand.
env.PATH = `${join(root, 'node_modules/.bin')}${delimiter}${env.PATH ?? ''}`;
const work = await mkdtemp(join(tmpdir(), 'percpu-consumer-'));
try {
  const { failures, skipped } = await consume(work);
  for (const line of skipped) console.log(`skipped: ${line}`);
  for (const failure of failures) console.error(`\n${failure}`);
  const required = env.PERCPU_REQUIRE_TOOLS === '1' && skipped.length > 0;
  if (required) console.error('PERCPU_REQUIRE_TOOLS=1: a skip is a failure');
  process.exitCode = failures.length > 0 || required ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}
