/** Stacks of simulated CPUs: the frames of the code under control, without those that run it. */
import { shortFile } from './place.ts';

/** Frames of these packages are the machinery; code under control is below the first of them and above the processor. */
const MACHINERY =
  /[\\/]packages[\\/](?:coroutine|simulator|explore|model)[\\/](?:src|dist)[\\/]|[\\/]@percpu[\\/](?:coroutine|simulator|explore|model)[\\/]|\bnode:internal\b/;
const FRAME = /^\s*at (?:async )?(?:(?<name>.*?) \()?(?<file>[^()]*?):(?<line>\d+):\d+\)?$/;
/** What resumes a CPU: everything further out is the host. */
const RESUMED = /[\\/]simulator[\\/](?:src|dist)[\\/]processor\./;
const MAX_FRAMES = 12;

/** `at send (src/inbox.ts:12)`, innermost first. */
export function stackLines(stack: string): readonly string[] {
  const frames: string[] = [];
  for (const text of stack.split('\n')) {
    if (RESUMED.test(text)) break;
    const { name, file, line } = FRAME.exec(text)?.groups ?? {};
    if (file === undefined || line === undefined || MACHINERY.test(text)) continue;
    // `next` is how V8 names the resumption of a frame.
    if (name?.endsWith('.next') === true && frames.length > 0) continue;
    frames.push(`at ${name === undefined ? '' : `${name} `}(${shortFile(file)}:${line})`);
  }
  return frames.slice(0, MAX_FRAMES);
}
