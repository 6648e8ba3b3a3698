import { ChoiceError, DefinitionError, nearest } from '@percpu/experiment';
import type { Command } from './command.ts';
import { readArguments } from './command.ts';
import { ExitCode, messageOf, RunError, UsageError } from './errors.ts';
import { printHelp, printOverview } from './help.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs one command line and answers with its exit code. Never throws, never ends the process: the
 * caller does, once everything printed has left.
 */
export async function runCommandLine(
  commands: readonly Command[],
  argv: readonly string[],
  terminal: Terminal,
  version: string,
): Promise<ExitCode> {
  const [word, ...rest] = argv;
  try {
    if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
      const asked = word === 'help' ? rest[0] : undefined;
      if (asked === undefined) printOverview(terminal, commands);
      else printHelp(terminal, findCommand(commands, asked));
      return ExitCode.expected;
    }
    if (word === '--version' || word === '-v') {
      terminal.print(version);
      return ExitCode.expected;
    }
    const command = findCommand(commands, word);
    const args = readArguments(command, rest);
    if (args.flag('help')) {
      printHelp(terminal, command);
      return ExitCode.expected;
    }
    return await command.run(args, terminal);
  } catch (error) {
    return explain(error, terminal);
  }
}

function findCommand(commands: readonly Command[], word: string): Command {
  const found = commands.find(({ name }) => name === word);
  if (found !== undefined) return found;
  const names = commands.map(({ name }) => name);
  const guess = nearest(word, names);
  const end =
    guess === undefined ? `the commands are ${names.join(', ')}` : `did you mean "${guess}"?`;
  const what = word.startsWith('-') ? 'option' : 'command';
  throw new UsageError(`unknown ${what} "${word}": ${end}`);
}

/** Says what went wrong: a sentence for what a user can mend, a stack trace for what is our fault. */
function explain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof UsageError || error instanceof ChoiceError) {
    terminal.error(error.message);
    return ExitCode.usage;
  }
  if (error instanceof RunError || error instanceof DefinitionError) {
    terminal.error(error.message);
    return ExitCode.unexpected;
  }
  terminal.error(`internal error: ${messageOf(error)}`);
  if (error instanceof Error && error.stack !== undefined) terminal.say(error.stack);
  return ExitCode.unexpected;
}
