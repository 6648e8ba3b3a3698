/**
 * Interleaved rounds: A B C, A B C, … Whatever else the host does falls on all of them alike, and
 * each gets as many samples as there are rounds.
 *
 * The threads of all subjects are started once, before the first round, and sleep while others are
 * measured. A first round, which is not counted, gives the compiler time.
 */
import { jainIndex } from '@percpu/experiment';
import type { Side, Subject } from './subjects.ts';
import type { Team, Window, WindowReport } from './team.ts';
import { verify } from './verify.ts';
import type { Work } from './works.ts';

export interface Sample {
  /** Wall time over the operations of all threads. */
  readonly nsPerOp: number;
  /** Jain's index of the operations by thread: 1 = all alike. */
  readonly fairness: number;
}

export interface Series {
  readonly work: Work;
  readonly who: string;
  readonly side: Side;
  readonly samples: readonly Sample[];
}

export interface Plan {
  readonly works: readonly Work[];
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  readonly window: Window;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

interface Cell {
  readonly work: Work;
  readonly subject: Subject;
  readonly team: Team;
  readonly samples: Sample[];
}

export async function playRounds(plan: Plan): Promise<Series[]> {
  const { rounds, window, signal, say } = plan;
  const cells: Cell[] = [];
  try {
    await startTeams(plan, cells);
    for (let round = 0; round <= rounds; round++) {
      say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
      for (const { work, subject, team, samples } of cells) {
        signal.throwIfAborted();
        const sample = await inContext(subject, work, team.run(window).then(sampleOf));
        if (round > 0) samples.push(sample);
      }
    }
  } finally {
    await Promise.all(cells.map(({ team }) => team.end()));
  }
  return cells.map(({ work, subject: { who, side }, samples }) => ({ work, who, side, samples }));
}

async function startTeams({ works, subjects, signal, say }: Plan, cells: Cell[]): Promise<void> {
  say(`starting ${subjects.length} locks for ${works.length} works`);
  for (const work of works) {
    for (const subject of subjects) {
      signal.throwIfAborted();
      const team = await inContext(subject, work, subject.start(work.threads));
      cells.push({ work, subject, team, samples: [] });
    }
  }
}

export function sampleOf(report: WindowReport): Sample {
  const ops = verify(report);
  const { reports } = report;
  const started = Math.min(...reports.map((one) => one.started));
  const ended = Math.max(...reports.map((one) => one.ended));
  return { nsPerOp: (ended - started) / ops, fairness: jainIndex(reports.map((one) => one.ops)) };
}

/** Says who it was. */
async function inContext<T>({ who }: Subject, { work }: Work, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${who}, ${work}: ${text}`, { cause: error });
  }
}
