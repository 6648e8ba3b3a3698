/**
 * Sets the workspace up where that is needed, then runs a command in it.
 *
 *   node tools/bootstrap.cjs COMMAND ARGUMENTS…
 *
 * This is all that runs under the Node of the host, so it is CommonJS that Node 16 understands and
 * uses nothing from node_modules. It does not rely on install scripts or on `prestart` (both are
 * off for users with ignore-scripts=true), nor on a shell (dash remembers where it found `node`).
 *
 *   1. is what package-lock.json asks for installed?   no: `npm ci`, by the npm that called us
 *   2. did the pinned Node arrive?                     it is an optional dependency, and npm skips
 *                                                      those that it cannot fetch without a word
 *   3. run the command with node_modules/.bin first on PATH, pass signals and the exit code on
 *
 * Whatever goes wrong in 1 and 2 ends in one sentence on stderr and exit code 1. stdout belongs to
 * the command.
 */
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const OLDEST_NPM = 10; // package.json "engines"; older ones do not know `overrides` in a lock
const ROOT = path.resolve(__dirname, '..');
const BIN = path.join(ROOT, 'node_modules', '.bin');
const STAMP = path.join(ROOT, 'node_modules', '.percpu-installed');
const WINDOWS = process.platform === 'win32';

const OFFLINE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/;

/** npm's error codes, and what they mean to somebody who only typed `npm start`. */
const NPM_FAILURES = [
  [
    OFFLINE,
    'The packages could not be fetched: the npm registry cannot be reached. Check the network (or the proxy and registry settings of npm) and run this again.',
  ],
  [
    /EACCES|EPERM|EROFS/,
    `The packages could not be installed: ${ROOT} cannot be written to. Make it writable or use a copy that is.`,
  ],
  [/ENOSPC/, `The packages could not be installed: the disk is full (they take about 700 MB).`],
  [
    /EUSAGE|can only install (packages )?(with an existing|when your)/,
    'package-lock.json does not fit the package.json files: restore both from git, or run `npm install` if you changed a dependency.',
  ],
  [
    /E404|ETARGET/,
    'The packages could not be fetched: the npm registry in use lacks one of them. Its name stands in the message of npm above.',
  ],
  [
    /EINTEGRITY/,
    'The packages could not be installed: what was fetched is not what package-lock.json promises. Run `npm cache clean --force` and run this again.',
  ],
];

/** An end that the user should read about in one sentence, without a stack. */
class Refusal extends Error {}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function readManifest() {
  const manifest = readJson(path.join(ROOT, 'package.json'));
  const pinned = Object.entries(manifest.optionalDependencies).filter(([name]) =>
    /^node-(bin-)?(linux|darwin|win)-/.test(name),
  );
  const here = `${WINDOWS ? 'win' : process.platform}-${process.arch}`;
  return {
    nodeVersion: pinned[0][1],
    hasNode: pinned.some(([name]) => name.replace(/^node-(bin-)?/, '') === here),
    platforms: pinned.map(([name]) => name.replace(/^node-(bin-)?/, '')),
    here,
  };
}

function readLock() {
  const file = path.join(ROOT, 'package-lock.json');
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    throw new Refusal(`package-lock.json is missing in ${ROOT}: restore it from git.`);
  }
  try {
    return { packages: JSON.parse(text).packages, text };
  } catch {
    throw new Refusal(`package-lock.json in ${ROOT} is damaged: restore it from git.`);
  }
}

/** Changes when something else has to be installed: another lock, platform, or dependency. */
function fingerprint(lock) {
  const hash = createHash('sha256')
    .update(lock.text)
    .update(process.platform + process.arch);
  for (const at of Object.keys(lock.packages).sort()) {
    if (at.includes('node_modules')) continue;
    const file = path.join(ROOT, at, 'package.json');
    if (!fs.existsSync(file)) continue;
    const manifest = readJson(file);
    for (const [key, value] of Object.entries(manifest)) {
      if (/dependencies|overrides|workspaces/i.test(key)) hash.update(key + JSON.stringify(value));
    }
  }
  return hash.digest('hex');
}

/**
 * True if npm's own record of node_modules holds all that the lock asks for: somebody has run
 * `npm install`. Packages of other platforms are `optional` and may be absent.
 */
function isInstalledByHand(lock) {
  let installed;
  try {
    installed = readJson(path.join(ROOT, 'node_modules', '.package-lock.json')).packages;
  } catch {
    return false;
  }
  const wanted = Object.entries(lock.packages).filter(([at]) => at.includes('node_modules/'));
  return wanted.every(([at, { optional, version }]) =>
    installed[at] === undefined ? optional === true : installed[at].version === version,
  );
}

/** The npm that called us, else the one on PATH: [command, leading arguments]. */
function findNpm() {
  const caller = process.env.npm_execpath;
  if (caller && /^npm(-cli)?\.c?js$/.test(path.basename(caller)) && fs.existsSync(caller)) {
    return [process.execPath, [caller]];
  }
  return ['npm', []];
}

function runNpm(args) {
  const [command, leading] = findNpm();
  return spawnSync(command, [...leading, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    shell: WINDOWS && command === 'npm',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function checkNpm() {
  const { status, stdout } = runNpm(['--version']);
  const version = (stdout || '').trim();
  if (status !== 0 || !/^\d+\./.test(version)) {
    throw new Refusal(
      'npm was not found: install Node.js with npm (nodejs.org) and run this again.',
    );
  }
  if (Number.parseInt(version, 10) < OLDEST_NPM) {
    throw new Refusal(
      `npm ${version} is too old, percpu needs npm ${OLDEST_NPM} or newer: run \`npm install -g npm@${OLDEST_NPM}\` or install a newer Node.js.`,
    );
  }
}

function wordsOf({ error, stdout, stderr }) {
  return error === undefined ? `${stdout}${stderr}`.trim() : error.message;
}

/** npm's code for what went wrong, or all that it said if there is none. */
function errorCode(said) {
  const code = /npm (?:error|ERR!) code (\S+)/.exec(said);
  return code === null ? said : code[1];
}

/** Asks the registry once. A registry that knows no ping has answered as well. */
function isOffline() {
  const result = runNpm(['ping', '--fetch-retries=0', '--fetch-timeout=20000']);
  return result.status !== 0 && OFFLINE.test(errorCode(wordsOf(result)));
}

function install() {
  checkNpm();
  process.stderr.write('percpu: installing packages (only when package-lock.json changes) …\n');
  const options = [
    '--no-audit',
    '--no-fund',
    '--ignore-scripts', // none is needed
    '--include=dev', // also under NODE_ENV=production
    '--include=optional', // the pinned Node is one
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=10000',
  ];
  // Without a network npm would try every package anew, for minutes. Its cache may hold them all.
  if (isOffline()) options.push('--offline');
  const result = runNpm(['ci', ...options]);
  if (result.status === 0) return;
  const said = wordsOf(result);
  const known = NPM_FAILURES.find(([pattern]) => pattern.test(errorCode(said)));
  if (known === undefined || /above/.test(known[1])) process.stderr.write(`${said}\n`);
  throw new Refusal(known ? known[1] : '`npm ci` failed, its message stands above.');
}

/** The version of the Node in node_modules, undefined if there is none or it does not run. */
function installedNode() {
  const node = path.join(BIN, WINDOWS ? 'node.cmd' : 'node');
  const { status, stdout } = spawnSync(WINDOWS ? `"${node}"` : node, ['-v'], {
    encoding: 'utf8',
    shell: WINDOWS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout.trim().replace(/^v/, '') : undefined;
}

function checkNode({ hasNode, here, nodeVersion, platforms }) {
  if (!hasNode) {
    throw new Refusal(
      `There is no Node ${nodeVersion} package for this platform (${here}): percpu's tools run on ${platforms.join(', ')}.`,
    );
  }
  const found = installedNode();
  if (found === nodeVersion) return;
  if (found !== undefined) {
    throw new Refusal(
      `node_modules holds Node ${found} in place of ${nodeVersion}: delete node_modules and run this again.`,
    );
  }
  if (fs.existsSync(path.join(BIN, WINDOWS ? 'node.cmd' : 'node'))) {
    throw new Refusal(
      `Node ${nodeVersion} was installed but does not run here: its binaries need glibc on Linux (not musl) and a current system.`,
    );
  }
  throw new Refusal(
    `Node ${nodeVersion} did not arrive with the packages, most likely the network failed: delete node_modules and run this again.`,
  );
}

function setUp() {
  const manifest = readManifest();
  const lock = readLock();
  const wanted = fingerprint(lock);
  if (fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === wanted) return;
  if (!manifest.hasNode) checkNode(manifest);
  if (!isInstalledByHand(lock)) install();
  checkNode(manifest);
  try {
    fs.writeFileSync(STAMP, wanted);
  } catch {
    // A folder that cannot be written to, but with all packages in it: good enough to run.
  }
}

function run([command, ...args]) {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') || 'PATH';
  const env = { ...process.env, [key]: `${BIN}${path.delimiter}${process.env[key] || ''}` };
  const quoted = WINDOWS ? args.map((argument) => `"${argument.replace(/"/g, '""')}"`) : args;

  // Before the child starts, or a signal that comes at once would end us and leave it behind.
  // Ctrl-C in a terminal reaches the child directly, and a second SIGINT from us would look like
  // an impatient user. Without a terminal nobody else tells it.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

  const child = spawn(command, quoted, { env, shell: WINDOWS, stdio: 'inherit' });
  child.on('error', (error) => {
    const why = error.code === 'ENOENT' ? 'no such command' : error.message;
    process.stderr.write(`percpu: cannot run ${command}: ${why}\n`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    // Die as the child did, so that a calling shell sees it.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

try {
  if (process.argv.length < 3) throw new Refusal('usage: node tools/bootstrap.cjs COMMAND …');
  setUp();
  run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`percpu: ${error.message}\n`);
  process.exitCode = 1;
}
