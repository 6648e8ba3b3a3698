import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Packr } from 'msgpackr';
import { messageOf, RunError, UsageError } from '../cli/errors.ts';
import { parseRecord, toResults } from './record.ts';
import type { RunRecord } from './record.ts';

const RECORD = 'record.msgpack';
const RESULTS = 'results.json';
const REPORT = 'report.html';

/** Plain MessagePack, without msgpackr's extension for repeated shapes, so that any library reads it. */
function packr(): Packr {
  return new Packr({ useRecords: false });
}

/** Where a run leaves what it measured. */
export interface ResultFolder {
  readonly path: string;
  readonly record: string;
  readonly results: string;
  readonly report: string;
}

/** `2026-11-20T13-05-09Z`: sorts by time and is a file name everywhere. */
export function folderName(when: Date): string {
  return when.toISOString().slice(0, 19).replaceAll(':', '-') + 'Z';
}

/**
 * Makes the folder and proves that files can be written there, so that no measurement is lost
 * for want of a place.
 *
 * @throws UsageError saying which folder and why.
 */
export function prepareFolder(path: string): ResultFolder {
  const probe = join(path, `.percpu-${process.pid}`);
  try {
    makeFolder(path);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new UsageError(
      `cannot write results to ${resolve(path)}: ${messageOf(error)}; name another folder with --out`,
    );
  }
  return {
    path,
    record: join(path, RECORD),
    results: join(path, RESULTS),
    report: join(path, REPORT),
  };
}

/** Not mkdirSync's `recursive`: below /proc, where no folder can be made, that tries for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** @throws RunError when the disk is full or the folder has gone. */
export function writeRun(folder: ResultFolder, record: RunRecord, report: string): void {
  writeWhole(folder.record, packr().pack(record));
  writeWhole(folder.results, `${JSON.stringify(toResults(record), undefined, 2)}\n`);
  writeWhole(folder.report, report);
}

/** All or nothing: a file that exists is complete, whatever happens while it is written. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const unfinished = `${path}.part`;
  try {
    makeFolder(dirname(path));
    writeFileSync(unfinished, content);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new RunError(`cannot write ${resolve(path)}: ${messageOf(error)}`);
  }
}

/**
 * Reads a record back. `path` is the folder of a run or a file in it.
 *
 * @throws UsageError saying what is wrong with the file: missing, truncated, of something else.
 */
export function readRecord(path: string): RunRecord {
  const file = findRecord(path);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${messageOf(error)}`);
  }
  let content: unknown;
  try {
    content = packr().unpack(bytes);
  } catch (error) {
    throw new UsageError(`${file} is truncated or no record of percpu: ${messageOf(error)}`);
  }
  try {
    return parseRecord(content);
  } catch (error) {
    throw new UsageError(`${file} is not a record that this version can read: ${messageOf(error)}`);
  }
}

function findRecord(path: string): string {
  if (!existsSync(path)) throw new UsageError(`there is no file or folder ${resolve(path)}`);
  const isFolder = statSync(path).isDirectory();
  const beside = isFolder ? path : dirname(path);
  if (!isFolder && !path.endsWith('.json') && !path.endsWith('.html')) return path;
  const record = join(beside, RECORD);
  if (existsSync(record)) return record;
  throw new UsageError(
    `there is no ${RECORD} in ${resolve(beside)}: it holds what a report is made from`,
  );
}
