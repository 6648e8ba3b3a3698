import { formatBytes, formatFigure } from '../format.ts';
import { describeLoad } from '../host/describe.ts';
import { toShell } from '../record/command.ts';
import type { RunRecord } from '../record/record.ts';
import { titleOf } from './curves.ts';
import type { ReportModel } from './model.ts';
import { toSection } from './section-model.ts';

/** Everything the page says about a run. */
export function toReportModel(record: RunRecord): ReportModel {
  const { host, headlines, notices, failures } = record;
  return {
    title: pageTitle(record),
    facts: [
      formatDate(record.created),
      `${host.cpuModel}, ${host.cores} CPU${host.cores === 1 ? '' : 's'}`,
      `Node ${host.node}`,
      `percpu ${record.percpu}${record.revision === null ? '' : ` (${record.revision})`}`,
    ],
    notices: [
      ...notices,
      ...failures.map(
        ({ experiment, variant, cpus, profile, message }) =>
          `${profile === undefined ? 'Not measured' : 'Not modelled'}: ${experiment} ${variant}, ${cpus} CPUs. ${message.split('\n')[0] ?? ''}`,
      ),
    ],
    headlines: headlines.map(({ label, value, unit, experiment, profile }) => ({
      label,
      value: formatFigure(value, unit),
      detail:
        profile === undefined ? experiment : `${experiment}, modelled: ${titleOf(profile, record)}`,
    })),
    sections: record.experiments.flatMap((facts) => toSection(record, facts)),
    host: hostRows(record),
    measured: record.results.some(({ clock }) => clock === 'parallel'),
    machines: (record.machines ?? []).map(({ name, title = name, source }) => ({
      name,
      title,
      source,
    })),
    command: toShell(record.command),
  };
}

function pageTitle({ experiments, results }: RunRecord): string {
  const [only] = experiments;
  const modelled = results.some(({ clock }) => clock === 'model');
  const measured = results.some(({ clock }) => clock === 'parallel');
  const where = !modelled
    ? 'on this machine'
    : measured
      ? 'here and beyond'
      : 'on a modelled machine';
  return experiments.length === 1 && only !== undefined
    ? `How ${only.name} scales ${where}`
    : `How kernel concurrency scales ${where}`;
}

function formatDate(created: string): string {
  const [day = '', time = ''] = created.split('T');
  return `${day}, ${time.slice(0, 5)} UTC`;
}

function hostRows(record: RunRecord): (readonly [string, string])[] {
  const { host } = record;
  const { known, sockets, coresPerSocket, threadsPerCore, coresPerLlc } = host.topology;
  const told = (value: number | undefined): string =>
    String(known ? (value ?? 'unknown') : 'unknown');
  return [
    ['Processor', host.cpuModel],
    ['CPUs for this process', String(host.cores)],
    ['Sockets', told(sockets)],
    ['Cores per socket', told(coresPerSocket)],
    ['Threads per core', told(threadsPerCore)],
    ['Cores per last-level cache', told(coresPerLlc)],
    ['Memory', formatBytes(host.memoryBytes)],
    ['System', `${host.platform} ${host.kernel}, ${host.arch}`],
    ['Node', `${host.node} (V8 ${host.v8})`],
    ['Atomic accesses through', host.backend ?? 'unknown'],
    ['Load before (1, 5, 15 min)', describeLoad(host.load)],
    ['Load after', describeLoad(record.loadAfter)],
    ['Seed', String(record.seed)],
    ...Object.entries(host.versions),
  ];
}
