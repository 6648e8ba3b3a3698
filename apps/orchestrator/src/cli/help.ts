import { commonOptions, placeholder } from './command.ts';
import type { Command } from './command.ts';
import type { Terminal } from './terminal.ts';

/** The overview: what `percpu --help` prints. */
export function printOverview(terminal: Terminal, commands: readonly Command[]): void {
  const bold = (text: string): string => terminal.style('bold', text);
  terminal.print(`${bold('percpu')}: how kernel concurrency scales on this machine`);
  terminal.print();
  terminal.print('usage: percpu COMMAND [arguments] [options]');
  terminal.print();
  const width = Math.max(...commands.map((command) => command.name.length));
  for (const command of commands) {
    terminal.print(`  ${bold(command.name.padEnd(width))}  ${command.summary}`);
  }
  terminal.print();
  terminal.print(
    'percpu COMMAND --help tells more about one of them; percpu --version the version.',
  );
  terminal.print('Exit codes: 0 as expected, 1 not as expected, 2 bad usage, 130 interrupted.');
}

/** What `percpu COMMAND --help` prints. */
export function printHelp(terminal: Terminal, command: Command): void {
  const bold = (text: string): string => terminal.style('bold', text);
  terminal.print(`${bold(`percpu ${command.name}`)}: ${command.summary}`);
  terminal.print();
  terminal.print(`usage: percpu ${command.name} ${command.operands} [options]`.replace('  ', ' '));
  terminal.print();
  const rows = Object.entries({ ...command.options, ...commonOptions }).map(([name, spec]) => {
    const short = spec.short === undefined ? '' : `-${spec.short}, `;
    const value = spec.type === 'string' ? ` ${placeholder(spec)}` : '';
    return [`${short}--${name}${value}`, spec.description] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  for (const [left, right] of rows) terminal.print(`  ${left.padEnd(width)}  ${right}`);
  for (const paragraph of command.details ?? []) {
    terminal.print();
    terminal.print(paragraph);
  }
  terminal.print();
  terminal.print('examples:');
  for (const example of command.examples) terminal.print(`  ${terminal.style('dim', example)}`);
}
