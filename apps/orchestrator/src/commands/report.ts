import { dirname, join, relative, resolve } from 'node:path';
import { statSync } from 'node:fs';
import type { Command } from '../cli/command.ts';
import { ExitCode } from '../cli/errors.ts';
import { readRecord, writeWhole } from '../record/store.ts';
import { renderReport } from '../report/render.ts';

export const report: Command = {
  name: 'report',
  summary: 'make the report page of a run again from its record',
  operands: 'RESULTS',
  operandCount: [1, 1],
  options: {
    out: {
      type: 'string',
      argument: 'FILE',
      description: 'where to write the page (default: report.html beside the record)',
    },
  },
  details: ['RESULTS is the folder of a run, or the record.msgpack in it.'],
  examples: [
    'percpu report results/2026-11-20T13-05-09Z',
    'percpu report run/record.msgpack --out curves.html',
  ],
  async run(args, terminal) {
    const from = resolve(terminal.cwd, args.operands[0] ?? '');
    const record = readRecord(from);
    const folder = statSync(from).isDirectory() ? from : dirname(from);
    const out = args.text('out');
    const file = out === undefined ? join(folder, 'report.html') : resolve(terminal.cwd, out);
    writeWhole(file, renderReport(record));
    terminal.print(relative(terminal.cwd, file));
    return ExitCode.expected;
  },
};
