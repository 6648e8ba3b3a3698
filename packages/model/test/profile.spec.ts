import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProfile } from '../src/host/load-profile.ts';
import { checkProfile } from '../src/profile/check-profile.ts';
import { PROFILES } from '../src/profile/profiles.ts';
import { boundariesOf, Level, Topology } from '../src/profile/topology.ts';

const good = PROFILES[0]!;
const { topology, figures } = good;

test.each(PROFILES.map((profile) => [profile.name, profile] as const))(
  '%s is a profile, and every figure says where it comes from',
  (_name, profile) => {
    expect(checkProfile(structuredClone(profile))).toEqual(profile);
  },
);

describe('what is no profile', () => {
  test.each([
    ['nothing', undefined, 'profile: expected an object; got nothing'],
    [
      'an earlier format',
      { ...good, schema: 1, figures: { ...figures, pair: figures.grip } },
      'profile: schema: this version reads 2; got 1: written by an earlier version, whose figures mean something else; ' +
        'measure anew with percpu calibrate --out FILE',
    ],
    [
      'a later format',
      { ...good, schema: 3 },
      'profile: schema: this version reads 2; got 3: written by a later version; update @percpu/model',
    ],
    ['no number', { ...good, schema: '2' }, /schema: this version reads 2; got "2"$/],
    ['a bad name', { ...good, name: 'My Box' }, /name must be kebab-case.*got "My Box"/],
    ['no source', { ...good, source: ' ' }, /source must say something/],
    ['a line of 48 bytes', { ...good, lineBytes: 48 }, /lineBytes must be a power of two.*got 48/],
    [
      'no sockets',
      { ...good, topology: { ...topology, sockets: 0 } },
      /topology\.sockets must be a whole number from 1 to 4096; got 0/,
    ],
    [
      'half a core',
      { ...good, topology: { ...topology, coresPerLlc: 2.5 } },
      /coresPerLlc.*got 2\.5/,
    ],
    [
      'four threads a core',
      { ...good, topology: { ...topology, threadsPerCore: 4 } },
      /4 threads share a core; 1 and 2 are modelled/,
    ],
    [
      'a group larger than the machine',
      { ...good, topology: { ...topology, socketsPerGroup: 3 } },
      /a group of 3 sockets does not fit into 2/,
    ],
    [
      'groups that do not divide it',
      { ...good, topology: { ...topology, sockets: 4, socketsPerGroup: 3 } },
      /4 sockets cannot be split into groups of 3/,
    ],
    [
      'too many CPUs',
      { ...good, topology: { ...topology, coresPerLlc: 1000 } },
      /24000 CPUs in all; at most 4096/,
    ],
    [
      'no distance between sockets',
      { ...good, figures: { ...figures, remote: undefined } },
      /figures\.remote is missing: the same between sockets/,
    ],
    [
      'a time below 0',
      { ...good, figures: { ...figures, dram: { ...figures.dram, value: -3 } } },
      /figures\.dram\.value must be a time in ns from 0 to 1000000000; got -3/,
    ],
    [
      'a share above 1',
      { ...good, figures: { ...figures, grip: { ...figures.grip, value: 2 } } },
      /must be a share from 0 to 1; got 2/,
    ],
    [
      'a figure out of the air',
      { ...good, figures: { ...figures, llc: { value: 23, trust: 'read' } } },
      /figures\.llc\.source must say where the figure comes from/,
    ],
    [
      'a mistyped figure',
      { ...good, figures: { ...figures, l3: figures.llc } },
      /figures\.l3 is not known; known are hit, rmw/,
    ],
    [
      'a neighbour further away than a stranger',
      { ...good, figures: { ...figures, llc: { ...figures.llc, value: 500 } } },
      /figures\.socket \(107 ns\) is less than figures\.llc \(500 ns\)/,
    ],
  ])('%s', (_name, value, message) => {
    expect(() => checkProfile(value)).toThrow(message);
  });
});

describe('by name or file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'percpu-profile-'));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write('good.json', JSON.stringify({ ...good, name: 'mine' }));
  write('text.json', 'no json');
  write('empty.json', '{}');

  test.each([
    ['the default', undefined, 'epyc-milan-2s'],
    ['a name', 'xeon-skx-8s', 'xeon-skx-8s'],
    ['a file', './good.json', 'mine'],
    ['a mistyped name', 'xeon-sky-8s', /Did you mean xeon-skx-8s\? Accepted: epyc-milan-2s/],
    ['a file that is not there', './no.json', 'profile ./no.json: there is no such file'],
    ['a file without JSON', './text.json', /text\.json: this is no JSON/],
    [
      'JSON that is no profile',
      './empty.json',
      /empty\.json: schema: this version reads 2; got nothing$/,
    ],
  ])('%s', (_name, asked, found) => {
    if (typeof found === 'string' && !found.includes(' '))
      expect(loadProfile(asked, folder).name).toBe(found);
    else expect(() => loadProfile(asked, folder)).toThrow(found);
  });
});

describe('topology', () => {
  const milan = new Topology(topology, 192);

  test.each([
    [0, 0, Level.own],
    [0, 96, Level.smt],
    [0, 7, Level.llc],
    [0, 8, Level.socket],
    [0, 103, Level.llc],
    [47, 48, Level.remote],
  ])('from CPU %i to CPU %i', (a, b, level) => {
    expect(milan.level(a, b)).toBe(level);
    expect(milan.level(b, a)).toBe(level);
  });

  test('a curve may bend where the next CPU is further away, or shares a core', () => {
    expect(boundariesOf(topology)).toEqual([8, 48, 96, 192]);
    expect(boundariesOf(PROFILES.find(({ name }) => name === 'xeon-skx-8s')!.topology)).toEqual([
      28, 112, 224, 448,
    ]);
  });

  test('more CPUs than the machine has: more sockets of the same kind', () => {
    const large = new Topology(topology, 4096);
    expect([large.isExtended, large.sockets, milan.isExtended]).toEqual([true, 43, false]);
  });
});
