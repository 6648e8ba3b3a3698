/** Tracepoints and static keys of one CPU. Changes that reach other CPUs: trace-threads.spec.ts. */
import { describe, expect, test } from 'vitest';
import {
  availableEvents,
  CoreTracepoints,
  Errno,
  irqEnter,
  irqExit,
  localProbeRegister,
  localProbeUnregister,
  MAX_PROBES,
  openSoftirq,
  raiseSoftirq,
  RCU_SOFTIRQ,
  staticBranch,
  staticBranchDec,
  staticBranchDisable,
  staticBranchEnable,
  staticBranchInc,
  staticKey,
  staticKeyCount,
  tracepoint,
  tracepointProbeRegister,
  tracepointProbeUnregister,
  tracepointSynchronizeUnregister,
  traceField,
  traceSite,
} from '../../src/index.ts';
import type { Cpu, TraceField } from '../../src/index.ts';
import { clockedCpus, dmesgTexts } from '../support/clocked-cpus.ts';

const queueFull = tracepoint('queue_full', ['queue:ptr', 'length:u32', 'at:i64']);

describe('declaration', () => {
  test('is an immutable value without state', () => {
    expect(Object.isFrozen(queueFull) && Object.isFrozen(queueFull.fields)).toBe(true);
    expect(queueFull).toEqual({
      name: 'queue_full',
      fields: ['queue:ptr', 'length:u32', 'at:i64'],
    });
  });

  test.each([
    ['a name with spaces', 'queue full', ['a:u32'], /accepted are names like sched_switch/],
    ['no name', '', [], /accepted are names/],
    ['unknown type', 'x', ['a:string'], /accepted is name:type/],
    ['no type', 'x', ['a'], /accepted is name:type/],
    ['too many fields', 'x', Array<string>(13).fill('a:u32'), /13 fields; accepted are at most 12/],
  ])('refused: %s', (_case, name, fields, message) => {
    expect(() => tracepoint(name, fields as TraceField[])).toThrow(message);
  });

  test('two declarations of one name have to agree on the fields', () => {
    const { cpu } = clockedCpus();
    traceSite(cpu, queueFull);
    expect(() => traceSite(cpu, tracepoint('queue_full', ['queue:ptr']))).toThrow(
      /declared with \(queue:ptr\) and, before that, with \(queue:ptr,length:u32,at:i64\)/,
    );
  });

  test('a CPU has one site of a tracepoint', () => {
    const { cpu } = clockedCpus();
    expect(traceSite(cpu, queueFull)).toBe(traceSite(cpu, queueFull));
    expect(traceSite(cpu, CoreTracepoints.softirqRaise)).toBe(cpu.trace.softirqRaise);
  });
});

describe('probes', () => {
  /** Registers kernel text that writes down `name(data: fields)`. */
  function listener(cpu: Cpu, heard: string[], name: string): number {
    return cpu.text.define(name, (self, data, record) => {
      const fields = [0, 1, 2].map((index) => traceField(self, record, index));
      heard.push(`${name}(${data}: ${fields.join(' ')})`);
    });
  }

  test('enabled while somebody listens; the record holds the fields', () => {
    const { cpu } = clockedCpus();
    const site = traceSite(cpu, queueFull);
    const heard: string[] = [];
    const probe = listener(cpu, heard, 'probe');
    const states = [site.enabled];
    tracepointProbeRegister(cpu, queueFull, probe, 42);
    states.push(site.enabled);
    site.fire(0x1000, 3, -5_000_000_000);
    tracepointProbeUnregister(cpu, queueFull, probe, 42);
    states.push(site.enabled);
    site.fire(0x1000, 4, 0);
    expect(states).toEqual([false, true, false]);
    expect(heard).toEqual(['probe(42: 4096 3 -5000000000)']);
  });

  test('several: highest priority first, equals in order of registration, local ones last', () => {
    const { cpu } = clockedCpus();
    const site = traceSite(cpu, queueFull);
    const heard: string[] = [];
    localProbeRegister(cpu, queueFull, () => heard.push('local'));
    for (const [name, priority] of [
      ['b', 10],
      ['c', 10],
      ['a', 20],
      ['d', -1],
    ] as const) {
      tracepointProbeRegister(cpu, queueFull, listener(cpu, heard, name), 0, priority);
    }
    site.fire(0, 0, 0);
    expect(heard.map((line) => line.split('(')[0])).toEqual(['a', 'b', 'c', 'local', 'd']);
  });

  test.each<[string, (cpu: Cpu, probe: number) => number[], number[]]>([
    ['registered twice', (c, p) => [add(c, p, 1), add(c, p, 1)], [0, Errno.EEXIST]],
    ['same call, other data', (c, p) => [add(c, p, 1), add(c, p, 2)], [0, 0]],
    ['removed twice', (c, p) => [add(c, p, 1), del(c, p, 1), del(c, p, 1)], [0, 0, Errno.ENOENT]],
    ['never there', (c, p) => [add(c, p, 1), del(c, p, 2)], [0, Errno.ENOENT]],
    ['room for MAX_PROBES', (c, p) => fill(c, p).slice(-2), [0, Errno.ENOSPC]],
  ])('%s', (_case, calls, returned) => {
    const { cpu } = clockedCpus();
    expect(calls(cpu, listener(cpu, [], 'probe'))).toEqual(returned);
  });

  const add = (cpu: Cpu, probe: number, data: number): number =>
    tracepointProbeRegister(cpu, queueFull, probe, data);
  const del = (cpu: Cpu, probe: number, data: number): number =>
    tracepointProbeUnregister(cpu, queueFull, probe, data);
  const fill = (cpu: Cpu, probe: number): number[] =>
    Array.from({ length: MAX_PROBES + 1 }, (_, data) => add(cpu, probe, data));

  test('local probes: a function each, on this CPU only', () => {
    const { cpus } = clockedCpus({ cpus: 2 });
    const [cpu, other] = cpus as [Cpu, Cpu];
    const heard: number[][] = [];
    const probe = (_cpu: Cpu, ...args: readonly number[]): unknown => heard.push([...args]);
    expect(localProbeRegister(cpu, queueFull, probe)).toBe(0);
    expect(localProbeRegister(cpu, queueFull, probe)).toBe(Errno.EEXIST);
    expect([traceSite(cpu, queueFull).enabled, traceSite(other, queueFull).enabled]).toEqual([
      true,
      false,
    ]);
    traceSite(cpu, queueFull).fire(1, 2, 3);
    expect(localProbeUnregister(cpu, queueFull, probe)).toBe(0);
    expect(localProbeUnregister(cpu, queueFull, probe)).toBe(Errno.ENOENT);
    traceSite(cpu, queueFull).fire(4, 5, 6);
    expect(heard).toEqual([[1, 2, 3]]);
  });

  test('one that takes itself away while firing: the others of this firing are still called', () => {
    const { cpu } = clockedCpus();
    const heard: string[] = [];
    const first = (self: Cpu): void => {
      heard.push('first');
      localProbeUnregister(self, queueFull, first);
    };
    localProbeRegister(cpu, queueFull, first);
    localProbeRegister(cpu, queueFull, () => heard.push('second'));
    const site = traceSite(cpu, queueFull);
    site.fire(0, 0, 0);
    site.fire(0, 0, 0);
    expect(heard).toEqual(['first', 'second', 'second']);
  });

  test('a probe that comes to its own tracepoint is not called again, one of an interrupt on top is', () => {
    const { cpu } = clockedCpus();
    const site = traceSite(cpu, queueFull);
    const heard: number[] = [];
    localProbeRegister(cpu, queueFull, (self, queue) => {
      heard.push(queue);
      site.fire(2, 0, 0);
      if (queue !== 1) return;
      const flags = irqEnter(self, 'hardirq');
      site.fire(3, 0, 0);
      irqExit(self, 'hardirq', flags);
    });
    site.fire(1, 0, 0);
    expect([heard, site.missed]).toEqual([[1, 3], 2]);
  });

  test('records of firings on top of each other do not mix', () => {
    const { cpu } = clockedCpus();
    const inner = tracepoint('inner', ['value:u32']);
    const heard: number[] = [];
    const onInner = cpu.text.define('on_inner', (self, _data, record) =>
      heard.push(traceField(self, record, 0)),
    );
    const onOuter = cpu.text.define('on_outer', (self, _data, record) => {
      traceSite(self, inner).fire(77);
      heard.push(traceField(self, record, 0));
    });
    tracepointProbeRegister(cpu, inner, onInner);
    tracepointProbeRegister(cpu, queueFull, onOuter);
    traceSite(cpu, queueFull).fire(5, 0, 0);
    expect(heard).toEqual([77, 5]);
  });

  test('after a probe that throws, the site is as before', () => {
    const { cpu } = clockedCpus();
    const site = traceSite(cpu, queueFull);
    let calls = 0;
    localProbeRegister(cpu, queueFull, () => {
      calls++;
      throw new Error('bad probe');
    });
    expect(() => site.fire(0, 0, 0)).toThrow('bad probe');
    expect(() => site.fire(0, 0, 0)).toThrow('bad probe');
    expect([calls, site.missed]).toEqual([2, 0]);
    tracepointSynchronizeUnregister(cpu);
  });

  test('synchronizing from a probe: a warning instead of a hang', () => {
    const { cpu } = clockedCpus();
    localProbeRegister(cpu, queueFull, (self) => tracepointSynchronizeUnregister(self));
    traceSite(cpu, queueFull).fire(0, 0, 0);
    expect(dmesgTexts(cpu).join('\n')).toContain('called from a probe: it would wait for itself');
  });

  test.each<[string, (cpu: Cpu) => void]>([
    ['interrupts off', (cpu) => cpu.localIrqDisable()],
    ['a hard interrupt', (cpu) => irqEnter(cpu, 'hardirq')],
  ])('changes are refused with %s', (_case, enter) => {
    const { cpu } = clockedCpus();
    enter(cpu);
    expect(() => tracepointProbeRegister(cpu, queueFull, 1)).toThrow();
    expect(dmesgTexts(cpu).join('\n')).toContain('it waits for all CPUs');
  });
});

describe('the tracepoints of the machine', () => {
  test('are all there, with Linux names', () => {
    const { cpu } = clockedCpus();
    const names = availableEvents(cpu).map((event) => event.name);
    expect(names).toEqual(Object.values(CoreTracepoints).map((point) => point.name));
    for (const name of [
      'sched_switch',
      'irq_handler_entry',
      'softirq_raise',
      'timer_start',
      'hrtimer_start',
      'ipi_send_cpu',
      'workqueue_queue_work',
    ]) {
      expect(names).toContain(name);
    }
  });

  test('fire where their names say: a soft irq', () => {
    const { cpu } = clockedCpus();
    const heard: string[] = [];
    openSoftirq(cpu, RCU_SOFTIRQ, () => heard.push('handler'));
    for (const key of ['softirqRaise', 'softirqEntry', 'softirqExit'] as const) {
      localProbeRegister(cpu, CoreTracepoints[key], (_cpu, vec) => heard.push(`${key} ${vec}`));
    }
    raiseSoftirq(cpu, RCU_SOFTIRQ);
    cpu.takeInterrupts();
    expect(heard).toEqual(['softirqRaise 9', 'softirqEntry 9', 'handler', 'softirqExit 9']);
  });
});

describe('static keys', () => {
  const off = staticKey('off');
  const on = staticKey('on', true);

  test.each<[string, typeof off, (cpu: Cpu, key: typeof off) => void, number]>([
    // case                    key  does                                       count
    ['as declared, off', off, () => undefined, 0],
    ['as declared, on', on, () => undefined, 1],
    ['enable', off, staticBranchEnable, 1],
    ['enable twice', off, (c, k) => [k, k].forEach((one) => staticBranchEnable(c, one)), 1],
    ['disable', on, staticBranchDisable, 0],
    ['disable when off', off, staticBranchDisable, 0],
    ['inc', off, staticBranchInc, 1],
    ['inc on top', on, staticBranchInc, 2],
    ['dec', on, staticBranchDec, 0],
  ])('%s', (_case, key, does, count) => {
    const { cpu } = clockedCpus();
    const branch = staticBranch(cpu, key);
    does(cpu, key);
    expect([staticKeyCount(cpu, key), branch.enabled]).toEqual([count, count > 0]);
    expect(staticBranch(cpu, key)).toBe(branch);
  });

  test.each<[string, (cpu: Cpu) => void, string]>([
    [
      'dec of a key that is off',
      (cpu) => staticBranchDec(cpu, off),
      'more decrements than increments',
    ],
    ['enable of a counted one', (cpu) => enableAfterTwo(cpu), 'off enabled with a count of 2'],
  ])('a warning: %s', (_case, does, text) => {
    const { cpu } = clockedCpus();
    does(cpu);
    expect(dmesgTexts(cpu).join('\n')).toContain(text);
  });

  function enableAfterTwo(cpu: Cpu): void {
    staticBranchInc(cpu, off);
    staticBranchInc(cpu, off);
    staticBranchEnable(cpu, off);
  }
});
