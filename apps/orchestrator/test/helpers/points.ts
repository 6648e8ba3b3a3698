import type { Experiment } from '@percpu/experiment';
import type { Discovered } from '../../src/discovery/catalogue.ts';
import { experiments } from '../fixtures/demo.ts';
import { DEMO } from './command.ts';

/** An experiment of the fixture, as discovery would have found it. */
export function findDemo(name: string): Discovered<Experiment> {
  const entry = experiments.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`the fixture has no ${name}`);
  return { package: 'demo', module: DEMO, entry, parameters: [] };
}
