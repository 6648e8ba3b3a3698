import { createMemory } from '@percpu/memory';
import { expect, test } from 'vitest';
import { bringUpMachine, cpuToNode } from '../../src/index.ts';

// prettier-ignore
test.each<[string, Record<string, number>, number[]]>([
  // machine                               parameters                                        node of each of 8 CPUs
  ['one node, unless somebody says so',    {},                                               [0, 0, 0, 0, 0, 0, 0, 0]],
  ['two sockets of four cores',            { 'numa.nodes': 2, 'numa.cores_per_node': 4 },    [0, 0, 0, 0, 1, 1, 1, 1]],
  ['two of two, with two threads each',    { 'numa.nodes': 2, 'numa.cores_per_node': 2 },    [0, 0, 1, 1, 0, 0, 1, 1]],
  ['neighbours on different nodes',        { 'numa.nodes': 2 },                              [0, 1, 0, 1, 0, 1, 0, 1]],
])('%s', (_, parameters, nodes) => {
  const machine = bringUpMachine(createMemory({ bytes: 4 << 20 }), { cpus: 8, parameters });
  expect(nodes.map((_node, cpu) => cpuToNode(machine, cpu))).toEqual(nodes);
});

test('a machine without nodes is refused', () => {
  const memory = createMemory({ bytes: 4 << 20 });
  expect(() => bringUpMachine(memory, { cpus: 1, parameters: { 'numa.nodes': 0 } })).toThrow(
    /numa.nodes=0: accepted is a whole number from 1 to 4096/,
  );
});
