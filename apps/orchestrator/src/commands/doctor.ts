import { createRequire } from 'node:module';
import { chooseBackend } from '@percpu/memory';
import type { Command } from '../cli/command.ts';
import { ExitCode } from '../cli/errors.ts';
import { layOut } from '../cli/table.ts';
import type { Terminal } from '../cli/terminal.ts';
import { installedPackages, readManifest, packageFolder } from '../discovery/installed.ts';
import { readHostFacts, readLoad } from '../host/facts.ts';
import type { HostFacts, LoadAverage } from '../host/facts.ts';
import { describeHost, describeLoad } from '../host/describe.ts';
import { findChromium, findProgram, ownVersion } from '../host/versions.ts';
import { formatNs } from '../format.ts';
import { findEngines } from './doctor-engines.ts';
import type { EngineFacts } from './doctor-engines.ts';
import { jsonOption } from './options.ts';

/** `needed`: without it the command cannot measure. `optional`: something else cannot be done. */
interface Check {
  readonly name: string;
  readonly found: string | undefined;
  readonly need: 'needed' | 'optional';
  /** What it is for. */
  readonly purpose: string;
}

interface Diagnosis {
  readonly version: string;
  readonly host: HostFacts;
  readonly load: LoadAverage;
  readonly backends: {
    readonly default: string;
    readonly nsPerAccess: Readonly<Record<string, number | undefined>>;
    readonly refused: string | undefined;
  };
  readonly engines: readonly EngineFacts[];
  readonly packages: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
  readonly advice: readonly string[];
}

export const doctor: Command = {
  name: 'doctor',
  summary: 'what this host offers, which memory backend is faster, what is missing',
  operands: '',
  operandCount: [0, 0],
  options: jsonOption,
  details: ['Exit code 1 when something that measuring needs is missing.'],
  examples: ['percpu doctor', 'percpu doctor --json'],
  async run(args, terminal) {
    const diagnosis = await diagnose(terminal);
    if (args.flag('json')) terminal.printJson(diagnosis);
    else printDiagnosis(terminal, diagnosis);
    const lacking = diagnosis.checks.some(
      ({ need, found }) => need === 'needed' && found === undefined,
    );
    return lacking ? ExitCode.unexpected : ExitCode.expected;
  },
};

async function diagnose(terminal: Terminal): Promise<Diagnosis> {
  const host = readHostFacts();
  const load = readLoad();
  const { backend, nsPerAccess, refused } = chooseBackend();
  const packages = installedPackages(import.meta.url, terminal.cwd);
  const checks: Check[] = [
    {
      name: 'piscina',
      found: versionOf('piscina'),
      need: 'needed',
      purpose: 'the pool of worker threads that are the CPUs',
    },
    {
      name: 'uplot',
      found: versionOf('uplot'),
      need: 'needed',
      purpose: 'the charts of the report',
    },
    {
      name: 'chromium',
      found: findChromium(terminal.env),
      need: 'optional',
      purpose: "percpu's own tests of the report page",
    },
    {
      name: 'gcc',
      found: findProgram(['gcc', 'cc'], terminal.env),
      need: 'optional',
      purpose: 'comparison with locks in C',
    },
    {
      name: 'git',
      found: findProgram(['git'], terminal.env),
      need: 'optional',
      purpose: 'the revision in the record of a run',
    },
  ];
  return {
    version: ownVersion(),
    host,
    load,
    backends: { default: backend, nsPerAccess, refused },
    engines: await findEngines({ cwd: terminal.cwd }),
    packages: Object.fromEntries(packages.map(({ name, version }) => [name, version])),
    checks,
    advice: advise(host, load),
  };
}

function versionOf(name: string): string | undefined {
  try {
    const folder = packageFolder(createRequire(import.meta.url).resolve(name));
    return folder === undefined ? undefined : readManifest(folder)?.version;
  } catch {
    return undefined;
  }
}

/** What makes figures from this host worse than they need be. */
function advise(host: HostFacts, load: LoadAverage): string[] {
  const advice: string[] = [];
  if (host.availableCpus < 2) {
    advice.push('One CPU: nothing can contend here, every point with two CPUs is oversubscribed.');
  }
  if (load[0] > host.availableCpus * 0.25) {
    advice.push(
      `The load is ${load[0].toFixed(2)}: other work takes part of the cores, intervals will be wide.`,
    );
  }
  if (host.topology.virtualised === 'hypervisor') {
    advice.push('A virtual machine: neighbours may take time, and the topology is not known.');
  }
  if (host.frequencyGovernor === 'powersave' || host.frequencyGovernor === 'ondemand') {
    advice.push(
      `The frequency governor is ${host.frequencyGovernor}: short runs may be measured at a low clock rate.`,
    );
  }
  return advice;
}

function printDiagnosis(terminal: Terminal, diagnosis: Diagnosis): void {
  const { host, load, backends, engines, checks, packages, advice, version } = diagnosis;
  const heading = (text: string): void => {
    terminal.print();
    terminal.print(terminal.style('bold', text));
  };
  terminal.print(terminal.style('bold', `percpu ${version}`));
  heading('host');
  const rows = [...describeHost(host), ['Load (1, 5, 15 min)', describeLoad(load)]];
  for (const line of layOut(rows, { left: [0, 1] })) terminal.print(line);
  heading('memory backends');
  const backendRows = Object.entries(backends.nsPerAccess).map(([name, ns]) => [
    name,
    ns === undefined ? (backends.refused ?? 'not usable') : `${formatNs(ns)} per atomic access`,
    name === backends.default ? 'default' : '',
  ]);
  for (const line of layOut(backendRows, { left: [0, 1, 2] })) terminal.print(line);
  heading('engines');
  const engineRows = engines.map(({ name, from, problem, purpose }) => [
    name,
    from ?? terminal.style('yellow', problem ?? 'not installed'),
    terminal.style('dim', purpose),
  ]);
  for (const line of layOut(engineRows, { left: [0, 1, 2] })) terminal.print(line);
  heading('tools');
  const checkRows = checks.map(({ name, found, need, purpose }) => [
    name,
    found ?? terminal.style(need === 'needed' ? 'red' : 'yellow', `missing (${need})`),
    terminal.style('dim', purpose),
  ]);
  for (const line of layOut(checkRows, { left: [0, 1, 2] })) terminal.print(line);
  heading('packages');
  for (const line of layOut(Object.entries(packages), { left: [0, 1] })) terminal.print(line);
  if (advice.length === 0) return;
  heading('to bear in mind');
  for (const line of advice) terminal.print(`  ${line}`);
}
