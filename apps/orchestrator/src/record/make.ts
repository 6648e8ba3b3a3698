import { boundaries, summarise } from '@percpu/experiment';
import type { Host } from '@percpu/experiment';
import { chooseBackend } from '@percpu/memory';
import type { Catalogue } from '../discovery/catalogue.ts';
import { readHostFacts, readLoad } from '../host/facts.ts';
import type { LoadAverage } from '../host/facts.ts';
import { gitRevision, ownVersion } from '../host/versions.ts';
import type { Point } from '../measure/select.ts';
import type { ModelledMachine } from '../measure/engine.ts';
import type { SessionResult } from '../measure/once.ts';
import { repeatCommand } from './command.ts';
import type { RunRequest } from './command.ts';
import { factsOf, FORMAT } from './record.ts';
import type { RunRecord } from './record.ts';

/** The host as a record knows it, with its load at this moment, and the backend if something is measured. */
export function hostOf(versions: Readonly<Record<string, string>>, measured: boolean): Host {
  const { topology, ...facts } = readHostFacts();
  const { sockets, coresPerSocket, threadsPerCore, coresPerLlc } = topology;
  const known = typeof sockets === 'number' && typeof coresPerSocket === 'number';
  return {
    platform: facts.platform,
    arch: facts.arch,
    kernel: facts.kernel,
    cpuModel: facts.cpuModel,
    cores: facts.availableCpus,
    memoryBytes: facts.memoryBytes,
    topology: known
      ? {
          known,
          sockets,
          coresPerSocket,
          ...(threadsPerCore === 'unknown' ? {} : { threadsPerCore }),
          ...(coresPerLlc === 'unknown' ? {} : { coresPerLlc }),
        }
      : { known },
    load: readLoad(),
    node: facts.node,
    v8: facts.v8,
    versions,
    ...(measured ? { backend: chooseBackend().backend } : {}),
  };
}

export interface RecordParts {
  readonly request: RunRequest;
  readonly catalogue: Catalogue;
  readonly host: Host;
  readonly created: Date;
  readonly points: readonly Point[];
  readonly session: SessionResult;
  readonly notices: readonly string[];
  /** What was modelled. */
  readonly machines: readonly ModelledMachine[];
  readonly loadAfter: LoadAverage;
  readonly cwd: string;
}

/** Puts together what a run was, and what came of it. */
export async function makeRecord(parts: RecordParts): Promise<RunRecord> {
  const { request, host, created, points, session, machines, loadAfter, cwd } = parts;
  const ofHost = boundaries(host.topology);
  const found = [...new Set(points.map((point) => point.found))];
  const recording = summarise(
    {
      host,
      created: created.toISOString(),
      command: repeatCommand(request, session.cells),
      seed: request.seed,
      interrupted: session.interrupted,
      cells: session.cells,
    },
    found.map((one) => ({ package: one.package, experiment: one.entry })),
    ({ clock, profile }) =>
      clock === 'parallel' ? ofHost : machines.find(({ name }) => name === profile)?.boundaries,
  );
  return {
    ...recording,
    format: FORMAT,
    percpu: ownVersion(),
    revision: (await gitRevision(cwd)) ?? null,
    request,
    machines,
    loadAfter,
    failures: session.failures,
    notices: [...parts.notices, ...whatToBearInMind(parts)],
    experiments: found.map((one) => factsOf(one.package, one.entry)),
  };
}

/** What makes the figures of this run less certain than they look. */
function whatToBearInMind({ host, session }: RecordParts): string[] {
  const notices: string[] = [];
  const before = host.load[0] ?? 0;
  if (before > host.cores / 4 && host.backend !== undefined) {
    notices.push(
      `The load was ${before.toFixed(2)} before the run began: other work took part of the ${host.cores} CPUs.`,
    );
  }
  if (session.interrupted)
    notices.push('The run was interrupted: some points are missing or have fewer repeats.');
  const modelled = session.skipped.filter(({ clock }) => clock === 'model').length;
  const measured = session.skipped.length - modelled;
  if (measured > 0) {
    notices.push(
      `The time was used up before ${measured} of the points with more CPUs than cores were measured; --profile thorough gives it more.`,
    );
  }
  if (modelled > 0) {
    notices.push(
      `The time was used up before ${modelled} of the points were modelled; --profile thorough gives it more, and --clock model takes whatever it needs.`,
    );
  }
  const few = session.cells.filter((cell) => cell.clock === 'parallel' && cell.repeats.length < 3);
  if (few.length > 0)
    notices.push(
      `${few.length} of ${session.cells.filter((cell) => cell.clock === 'parallel').length} points have fewer than three repeats: no interval, no comparison.`,
    );
  return notices;
}
