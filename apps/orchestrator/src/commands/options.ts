import type { OptionSpec } from '../cli/command.ts';

type Options = Readonly<Record<string, OptionSpec>>;

export const jsonOption: Options = {
  json: {
    type: 'boolean',
    description: 'print one JSON document on standard output, nothing else',
  },
};

export const moduleOption: Options = {
  module: {
    type: 'string',
    multiple: true,
    argument: 'FILE',
    description:
      'also take experiments, scenarios and explorations from this module (may be repeated)',
  },
};
