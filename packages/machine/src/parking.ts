/**
 * Where CPUs sleep. The idea of the paravirtual spin locks (and of WebKit's ParkingLot): spinning
 * on a host with fewer cores than CPUs burns the time slice of the very CPU one waits for, so after a
 * bounded spin the waiter gives its core back.
 *
 * **One sleeping place.** A CPU never sleeps but on its own `kick` word, so that an interrupt
 * reaches it wherever it waits. Sleeper and kicker, both sequentially consistent:
 *
 *   sleeper                              kicker
 *   S1 seq = load(kick)                  K1 make the news visible
 *   S2 sleeping = 1                      K2 kick += 1
 *   S3 look for news; if any: awake      K3 if (sleeping) notify(kick)
 *   S4 wait(kick, seq)
 *
 * No wake-up is lost. If S3 misses the news, K1 and so K2 came after S3; then S4 either finds
 * kick ≠ seq, or was asleep before K2. In the second case S2 precedes K3, which therefore notifies.
 *
 * **Finding the sleepers.** A waiter for a word publishes its address in a hash bucket:
 *
 *   waiter                               releaser
 *   P1 parkedAt = address                U1 store(address, new value)
 *   P2 set my bit in the bucket          U2 load(bucket.count): 0 = done
 *   P3 bucket.count += 1                 U3 for each bit: if parkedAt matches, kick (K2, K3)
 *   P4 load(address): changed = awake
 *
 * If U2 misses P3, it came first, so P4 reads what U1 wrote. A release that nobody waits for costs
 * one load of a line that stays shared in all caches.
 *
 * Explorations `parking-proof…`: all schedules of these steps lose no wake-up, and without any one of them, or with
 * it elsewhere, one is lost. The exception is S2, which may come as late as S4.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import { areaOf } from './machine-info.ts';
import { CpuState, PerCpuLayout } from './machine-layout.ts';
import { bucketOf, ParkingBucket } from './parking-bucket.ts';

/**
 * S4. Sleeps on the kick word, unless there is news: a kick after `seq` was read, or an interrupt that
 * this CPU may take. The caller has done S1, S2 and its own part of S3.
 */
function sleepOnKick(cpu: Cpu, seq: number, maxNs: number): void {
  const { memory, area } = cpu;
  if (cpu.interruptPending()) return;
  // Asked after S1: an interrupt taken since then, which may have changed it, came with a kick.
  const event = cpu.irqsDisabled() ? Infinity : cpu.idleTimeout();
  memory.wait(area + PerCpuLayout.kick, seq, Math.min(maxNs, event));
}

/**
 * One round of sleeping for as long as `*at` is `value` (or, with `until`, is not `value`). Returns
 * early on any kick: the caller loops, and takes interrupts in between.
 */
export function parkOnce(cpu: Cpu, at: Ptr, value: number, until: boolean): void {
  const { memory, area, machine } = cpu;
  const bucket = bucketOf(machine, at);
  const word = bucket + ParkingBucket.mask + (cpu.id >>> 5) * 4;
  const bit = (1 << (cpu.id & 31)) >>> 0;
  cpu.count('parks');
  cpu.goingToSleep = true;
  const before = memory.readOwn(area + PerCpuLayout.state);
  memory.writeOwn(area + PerCpuLayout.state, CpuState.parked);

  const seq = memory.load(area + PerCpuLayout.kick); // S1
  memory.store(area + PerCpuLayout.parkedValue, value);
  memory.store(area + PerCpuLayout.parkedUntil, until ? 1 : 0);
  memory.store(area + PerCpuLayout.parkedSeq, seq);
  memory.store(area + PerCpuLayout.parkedAt, at); // P1: after the words that qualify it
  memory.fetchOr(word, bit); // P2
  memory.fetchAdd(bucket + ParkingBucket.count, 1); // P3: pairs with U2
  memory.store(area + PerCpuLayout.sleeping, 1); // S2: pairs with K3
  const now = memory.load(at); // P4: pairs with U1, the store of the releaser
  if ((now === value) !== until) sleepOnKick(cpu, seq, Infinity); // S3, S4
  memory.store(area + PerCpuLayout.sleeping, cpu.restingInEventLoop ? 1 : 0);
  memory.fetchAdd(bucket + ParkingBucket.count, -1);
  memory.fetchAnd(word, ~bit >>> 0);
  memory.store(area + PerCpuLayout.parkedAt, 0);
  memory.writeOwn(area + PerCpuLayout.state, before);
  cpu.goingToSleep = false;
}

/**
 * The idle loop's sleep: until a kick, an interrupt, a timer event, or `maxNs` are over. `hasWork` is asked after the
 * sleeper has announced itself (S3), so work queued before the kick is never slept over.
 */
export function idleOnce(cpu: Cpu, hasWork: () => boolean, maxNs: number): void {
  const { memory, area } = cpu;
  cpu.goingToSleep = true;
  const seq = memory.load(area + PerCpuLayout.kick); // S1
  memory.writeOwn(area + PerCpuLayout.state, CpuState.idle);
  memory.store(area + PerCpuLayout.sleeping, 1); // S2
  if (!hasWork()) sleepOnKick(cpu, seq, maxNs); // S3, S4
  memory.store(area + PerCpuLayout.sleeping, cpu.restingInEventLoop ? 1 : 0);
  memory.writeOwn(area + PerCpuLayout.state, CpuState.running);
  cpu.goingToSleep = false;
}

/** K2 and K3. The caller has made its news visible (K1). Also for threads that are no CPU. */
export function kickArea(memory: Cpu['memory'], area: Ptr): void {
  memory.fetchAdd(area + PerCpuLayout.kick, 1);
  if (memory.load(area + PerCpuLayout.sleeping) !== 0) memory.notify(area + PerCpuLayout.kick);
}

/** U2 with somebody there, and U3. `value` given: leaves those alone that wait for another one. */
export function unparkWaiters(cpu: Cpu, bucket: Ptr, at: Ptr, value: number | undefined): void {
  const { memory, machine } = cpu;
  for (let first = 0; first < machine.nrCpus; first += 32) {
    let bits = memory.load(bucket + ParkingBucket.mask + (first >>> 5) * 4);
    while (bits !== 0) {
      const low = 31 - Math.clz32(bits & -bits);
      bits = (bits & (bits - 1)) >>> 0;
      const area = machine.areas + (first + low) * machine.areaSize;
      if (memory.load(area + PerCpuLayout.parkedAt) !== at) continue;
      if (
        value !== undefined &&
        memory.load(area + PerCpuLayout.parkedUntil) === 1 &&
        memory.load(area + PerCpuLayout.parkedValue) !== value
      ) {
        continue;
      }
      cpu.count('unparks');
      kickArea(memory, area);
    }
  }
}

/**
 * U2 with somebody there, then one kick at most. A CPU that was kicked and still shows `at` has not yet
 * looked at the word again; it will, and will find what U1 stored or the work of somebody who came
 * later and calls this after. So it counts as woken, and none else is needed. `hint`, the CPU kicked last,
 * finds it at once; a wrong hint costs a look.
 */
export function unparkOneWaiter(cpu: Cpu, bucket: Ptr, at: Ptr): void {
  const { memory, machine } = cpu;
  const hint = memory.load(bucket + ParkingBucket.hint);
  if (hint !== 0 && isParkedOn(cpu, hint - 1, at) && isWaking(cpu, hint - 1)) return;
  const words = (machine.nrCpus + 31) >>> 5;
  // The search starts behind the CPU kicked last, so that none is passed over for ever.
  const first = hint < machine.nrCpus ? hint : 0;
  const below = (1 << (first & 31)) - 1;
  for (let step = 0; step <= words; step++) {
    const index = ((first >>> 5) + step) % words;
    let bits = memory.load(bucket + ParkingBucket.mask + index * 4);
    if (step === 0) bits &= ~below;
    else if (step === words) bits &= below;
    for (; bits !== 0; bits &= bits - 1) {
      const candidate = index * 32 + 31 - Math.clz32(bits & -bits);
      if (!isParkedOn(cpu, candidate, at)) continue;
      if (isWaking(cpu, candidate)) return;
      memory.store(bucket + ParkingBucket.hint, candidate + 1);
      cpu.count('unparks');
      kickArea(memory, areaOf(machine, candidate));
      return;
    }
  }
}

function isParkedOn(cpu: Cpu, other: number, at: Ptr): boolean {
  return cpu.memory.load(areaOf(cpu.machine, other) + PerCpuLayout.parkedAt) === at;
}

/** Asked of a CPU just seen parked. The sleeper's word first: read the other way round, a CPU that sleeps again could look awake. */
function isWaking(cpu: Cpu, other: number): boolean {
  const area = areaOf(cpu.machine, other);
  const seq = cpu.memory.load(area + PerCpuLayout.parkedSeq);
  return cpu.memory.load(area + PerCpuLayout.kick) !== seq;
}
