import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseCell,
  ChoiceError,
  cpuCounts,
  DefinitionError,
  experiment,
  findByName,
  listExperiment,
  MAX_CPUS,
  nearest,
  parseKnob,
  pastHostCores,
  powersOfTwo,
  registry,
  upToHostCores,
  type Experiment,
} from '../src/index.ts';

const valid = {
  name: 'lock-handover',
  title: 'Lock hand-over',
  description: 'What does passing a lock cost?',
  variants: { tas: 1, 'rbtree-2.6.28': 2 },
  cpus: { parallel: upToHostCores, model: powersOfTwo(1, 8) },
  knobs: { heldNs: [0, 200], order: ['fifo', 'lifo'], irqs: [false, true] },
  body: () => 1,
} as const;

function make(changes: object = {}): Experiment {
  return experiment({ ...valid, ...changes });
}

describe('a definition', () => {
  test('is frozen and has its defaults', () => {
    const made = make();
    expect(made).toMatchObject({
      unit: 'operations',
      minCpus: 1,
      drivers: 'all',
      latency: false,
      report: ['perSecond', 'nsPerOp', 'fairness'],
    });
    expect(made.arenaBytes(2)).toBe(72 * 1024);
    expect(made.bootParameters('tas', {})).toEqual({});
    for (const part of [
      made,
      made.variants,
      made.cpus,
      made.knobs,
      made.knobs.heldNs,
      made.report,
      made.cpus.model,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test.each([
    // change                                  what the author reads
    [
      { name: 'LockHandover' },
      'an experiment\'s name must be kebab-case, as in lock-handover; got "LockHandover"',
    ],
    [{ name: 7 }, 'kebab-case, as in lock-handover; got 7'],
    [{ titel: 'x' }, 'experiment lock-handover: unknown field "titel"; known are name, title'],
    [{ title: ' ' }, 'title must say something; got " "'],
    [{ description: undefined }, 'description must say something; got undefined'],
    [{ unit: '' }, 'unit must say something'],
    [{ variants: {} }, 'has no variants; one is enough, e.g. { plain: {} }'],
    [{ variants: { T_A_S: 1 } }, 'the name of variant "T_A_S" must be kebab-case'],
    [{ variants: null }, 'variants must be an object of adapters; got null'],
    [{ overview: [] }, 'overview must list some of the variants'],
    [{ overview: ['tikcet'] }, 'overview must list some of the variants'],
    [{ cpus: {} }, 'cpus names no clock; give parallel, model or both'],
    [{ cpus: { explore: [1] } }, 'cpus has a clock "explore"; accepted: parallel, model'],
    [{ cpus: { parallel: [] } }, 'cpus.parallel must list CPU counts or compute them; got '],
    [
      { cpus: { parallel: [0] } },
      'cpus.parallel holds 0; a CPU count is a whole number from 1 to 4096',
    ],
    [{ cpus: { parallel: [1.5] } }, 'cpus.parallel holds 1.5'],
    [{ cpus: { parallel: [4, 2] } }, 'cpus.parallel must ascend without repeats; 2 follows 4'],
    [{ cpus: { model: [1] }, minCpus: 2 }, 'cpus.model has no count of 2 (minCpus) or more'],
    [{ minCpus: -1 }, 'minCpus must be 1 to 4096; got -1'],
    [{ knobs: { held_ns: [0] } }, 'the name of knob "held_ns" must be camelCase'],
    [{ knobs: { cpus: [1] } }, 'a knob may not be called cpus: the context has that already'],
    [{ knobs: { heldNs: [] } }, 'knob heldNs must list its values, the default first; got '],
    [
      { knobs: { heldNs: [0, NaN] } },
      'knob heldNs holds NaN; a value is a finite number, a string or a boolean',
    ],
    [{ knobs: { heldNs: [0, '0'] } }, 'knob heldNs lists a value twice: 0, "0"'],
    [{ knobs: 7 }, 'knobs must be an object of value lists; got 7'],
    [{ drivers: 'two' }, "drivers must be 'all' or 'one'; got \"two\""],
    [{ latency: 'always' }, 'latency must be true, false or \'recorded\'; got "always"'],
    [{ fixedWork: 0 }, 'fixedWork must be a positive number of calls; got 0'],
    [{ arenaBytes: -1 }, 'arenaBytes must be a positive number of bytes; got -1'],
    [{ report: ['p42'] }, 'report has a column "p42"; accepted: perSecond, nsPerOp'],
    [{ report: ['p99'] }, 'report column p99 needs latency: true'],
    [{ report: ['fairness', 'fairness'] }, 'report names a column twice'],
    [{ report: [] }, 'report must list columns'],
    [{ body: undefined }, 'body must be a function; got undefined'],
    [{ verify: 'yes' }, 'verify must be a function; got "yes"'],
  ] as const)('%j is refused', (change, message) => {
    expect(() => make(change)).toThrow(DefinitionError);
    expect(() => make(change)).toThrow(message);
  });
});

describe('a choice', () => {
  const made = make({ minCpus: 2, fixedWork: 1000 });

  test('takes defaults for what is left out', () => {
    expect(chooseCell(made, { variant: 'tas', cpus: 3, knobs: { order: 'lifo' } })).toEqual({
      experiment: 'lock-handover',
      variant: 'tas',
      clock: 'parallel',
      cpus: [0, 1, 2],
      knobs: { heldNs: 0, order: 'lifo', irqs: false },
      window: { kind: 'work', warmUpCalls: 100, calls: 1000 },
      repeats: 1,
      seed: 1,
    });
  });

  test.each([
    // choice                                     what the user reads
    [
      { variant: 'tsa' },
      'unknown variant of lock-handover "tsa". Did you mean "tas"? Accepted: tas, rbtree-2.6.28.',
    ],
    [{ variant: 'constructor' }, 'unknown variant of lock-handover "constructor". Accepted'],
    [
      { clock: 'explore' },
      'lock-handover does not run under the explore clock; it offers parallel, model',
    ],
    [{ cpus: 0 }, 'the number of CPUs must be 1 to 4096; got 0'],
    [{ cpus: 2.5 }, 'the number of CPUs must be 1 to 4096; got 2.5'],
    [{ cpus: MAX_CPUS + 1 }, 'the number of CPUs must be 1 to 4096; got 4097'],
    [{ cpus: 1 }, 'lock-handover: needs at least 2 CPUs; got 1'],
    [{ cpus: [0, 0] }, 'a CPU is listed twice: 0, 0'],
    [{ cpus: [0, -1] }, '-1 is no CPU id'],
    [{ knobs: { heldNS: 0 } }, 'unknown knob of lock-handover "heldNS". Did you mean "heldNs"?'],
    [{ knobs: { heldNs: 100 } }, 'knob heldNs does not take "100"; accepted: 0, 200'],
    [{ repeats: 0 }, 'repeats must be 1 to 10000; got 0'],
    [{ seed: -1 }, 'seed must be a whole number from 0 to 2^53; got -1'],
    [
      { window: { kind: 'time', warmUpNs: -1, measureNs: 1 } },
      'warm-up must be a whole number of ns, 0 or more; got -1',
    ],
    [
      { window: { kind: 'work', warmUpCalls: 0, calls: 0 } },
      'the measured part must be a whole number of calls, at least 1; got 0',
    ],
  ])('%j is refused', (change, message) => {
    const choice = { variant: 'tas', cpus: 2, ...change } as Parameters<typeof chooseCell>[1];
    expect(() => chooseCell(made, choice)).toThrow(ChoiceError);
    expect(() => chooseCell(made, choice)).toThrow(message);
  });

  test.each([
    ['heldNs', '200', 200],
    ['order', 'lifo', 'lifo'],
    ['irqs', 'true', true],
  ])('knob %s typed as %s', (name, typed, value) => {
    expect(parseKnob(made, name, typed)).toBe(value);
  });
});

describe('CPU counts', () => {
  test.each([
    // function      cores  counts
    [upToHostCores, 1, [1]],
    [upToHostCores, 2, [1, 2]],
    [upToHostCores, 4, [1, 2, 3, 4]],
    [upToHostCores, 6, [1, 2, 3, 4, 6]],
    [upToHostCores, 64, [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]],
    [pastHostCores, 2, [1, 2, 4, 16]],
    [
      pastHostCores,
      1000,
      [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1000, 2000],
    ],
  ])('%o of %i cores', (counts, cores, expected) => {
    expect(counts(cores)).toEqual(expected);
  });

  test.each([
    // minCpus, cores   counts
    [1, 4, [1, 2, 3, 4]],
    [3, 4, [3, 4]],
    [3, 2, [3]],
  ])('at least %i on %i cores', (minCpus, cores, expected) => {
    expect(cpuCounts(make({ minCpus }), 'parallel', cores)).toEqual(expected);
  });

  test('a clock that is not offered has none', () => {
    expect(cpuCounts(make({ cpus: { model: [1] } }), 'parallel', 4)).toEqual([]);
  });

  test.each([
    [3, 8, 'powersOfTwo(3, 8): 3 is no power of two between 1 and 4096'],
    [1, 8192, '8192 is no power of two between 1 and 4096'],
    [8, 1, 'powersOfTwo(8, 1): the first is the larger'],
  ])('powersOfTwo(%i, %i)', (from, to, message) => {
    expect(() => powersOfTwo(from, to)).toThrow(message);
  });
});

describe('names', () => {
  test.each([
    // typed            candidates                nearest
    ['tikcet', ['tas', 'ticket'], 'ticket'],
    ['lock-handovr', ['lock-handover', 'ipi'], 'lock-handover'],
    ['TAS', ['tas', 'mcs'], 'tas'],
    ['zzzzz', ['tas', 'ticket'], undefined],
    ['anything', [], undefined],
    ['x'.repeat(1e5), ['tas'], undefined],
  ])('%.20s of %j', (typed, candidates, expected) => {
    expect(nearest(typed, candidates)).toBe(expected);
  });

  test('one wrong letter in a name of three or more finds it again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-m]{3,12}$/), fc.nat(), (name, at) => {
        const typed = [...name]
          .map((letter, i) => (i === at % name.length ? 'z' : letter))
          .join('');
        expect(nearest(typed, ['nnnnnnnnnnnnn', name])).toBe(name);
      }),
    );
  });

  test('registry and look-up', () => {
    const made = make();
    const offered = registry({ experiments: [made] });
    expect(offered).toEqual({ experiments: [made], scenarios: [] });
    expect(findByName(offered.experiments, 'lock-handover')).toBe(made);
    expect(() => findByName(offered.experiments, 'lock-hangover')).toThrow(
      'unknown experiment "lock-hangover". Did you mean "lock-handover"?',
    );
    expect(() => findByName([], 'x', 'scenario')).toThrow('unknown scenario "x". Accepted: none.');
    expect(() => registry({ experiments: [made, make()] })).toThrow(
      'two experiments are called lock-handover',
    );
    expect(listExperiment(made, '@percpu/locks')).toEqual({
      name: 'lock-handover',
      package: '@percpu/locks',
      description: 'What does passing a lock cost?',
      variants: ['tas', 'rbtree-2.6.28'],
      clocks: ['parallel', 'model'],
    });
  });
});
