import type { Command } from '../cli/command.ts';
import { ExitCode } from '../cli/errors.ts';
import { layOut } from '../cli/table.ts';
import { shownLength } from '../cli/terminal.ts';
import type { Terminal } from '../cli/terminal.ts';
import { readCatalogue, toListing } from '../discovery/catalogue.ts';
import { jsonOption, moduleOption } from './options.ts';

export const list: Command = {
  name: 'list',
  summary: 'what there is: experiments, scenarios, explorations, tortures, conformance data',
  operands: '',
  operandCount: [0, 0],
  options: { ...moduleOption, ...jsonOption },
  examples: ['percpu list', 'percpu list --json', 'percpu list --module ./my-queue.experiments.ts'],
  async run(args, terminal) {
    const catalogue = await readCatalogue({ cwd: terminal.cwd, modules: args.all('module') });
    const listing = toListing(catalogue);
    if (args.flag('json')) {
      terminal.printJson(listing);
      return ExitCode.expected;
    }
    printGroup(
      terminal,
      'experiments',
      listing.experiments.map((entry) => [
        entry.name,
        entry.package,
        entry.clocks.join(', '),
        entry.variants.join(' '),
      ]),
    );
    printGroup(
      terminal,
      'scenarios',
      listing.scenarios.map((entry) => [entry.name, entry.package, entry.description]),
    );
    printGroup(
      terminal,
      'explorations',
      listing.explorations.map((entry) => [entry.name, entry.package, entry.description]),
    );
    printGroup(
      terminal,
      'tortures',
      listing.tortures.map((entry) => [entry.name, entry.package, entry.description]),
    );
    printGroup(
      terminal,
      'conformance data',
      listing.conformance.map((entry) => [entry.package, entry.description]),
    );
    return ExitCode.expected;
  },
};

function printGroup(terminal: Terminal, title: string, rows: readonly (readonly string[])[]): void {
  terminal.print(terminal.style('bold', title));
  if (rows.length === 0) terminal.print(`  ${terminal.style('dim', 'none')}`);
  for (const line of layOut(rows, { left: [0, 1, 2, 3] })) {
    // Into a file or a pipe goes everything; on a screen one line is enough.
    const fits = terminal.stdout.isTTY !== true || shownLength(line) <= terminal.width;
    terminal.print(fits ? line : `${line.slice(0, terminal.width - 1)}…`);
  }
  terminal.print();
}
