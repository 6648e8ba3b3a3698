/** Stacks of simulated CPUs: the frames of the code under control, without those that run it. */
import { shortFile } from './place.ts';

/** The folder of this package and the engines beside it: a workspace of somebody else may have a package `model` too. */
const BESIDE = decodeURI(new URL('../../../', import.meta.url).pathname).replace(/^\/(?=\w:)/, '');
const ENGINES = /^(?:coroutine|simulator|explore|model)\/(?:src|dist)\//;
const INSTALLED = /\/@percpu\/(?:coroutine|simulator|explore|model)\/|\bnode:internal\b/;
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
    if (file === undefined || line === undefined || isMachinery(file)) continue;
    // `next` is how V8 names the resumption of a frame.
    if (name?.endsWith('.next') === true && frames.length > 0) continue;
    frames.push(`at ${name === undefined ? '' : `${name} `}(${shortFile(file)}:${line})`);
  }
  return frames.slice(0, MAX_FRAMES);
}

/** Is it a frame of what runs the code under control? Such frames are around that code, and between an access and its caller. */
function isMachinery(file: string): boolean {
  const path = file.replaceAll('\\', '/');
  if (INSTALLED.test(path)) return true;
  const at = path.indexOf(BESIDE);
  return at >= 0 && ENGINES.test(path.slice(at + BESIDE.length));
}
