/** A profile by its name, or out of a file that `percpu calibrate` wrote. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { nearest } from '@percpu/experiment';
import { checkProfile, ProfileError } from '../profile/check-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { PROFILES } from '../profile/profiles.ts';

/** No profile takes more: 21 figures with their sources. */
const MOST_BYTES = 1_000_000;

/**
 * `undefined` is the default. A name with a slash, a dot or a backslash in it is a file, relative to `cwd`.
 *
 * @throws ProfileError with a sentence for the user
 */
export function loadProfile(nameOrFile: string | undefined, cwd: string): Profile {
  if (nameOrFile === undefined) return PROFILES[0]!;
  const known = PROFILES.find(({ name }) => name === nameOrFile);
  if (known !== undefined) return known;
  if (/[./\\]/.test(nameOrFile)) return readProfile(resolve(cwd, nameOrFile), nameOrFile);
  const names = PROFILES.map(({ name }) => name);
  const guess = nearest(nameOrFile, names);
  throw new ProfileError(
    `unknown profile ${JSON.stringify(nameOrFile)}.${guess === undefined ? '' : ` Did you mean ${guess}?`} ` +
      `Accepted: ${names.join(', ')}, or a file that percpu calibrate wrote, as in ./host.json`,
  );
}

function readProfile(path: string, shown: string): Profile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? String(error)})`;
    throw new ProfileError(`profile ${shown}: ${why}`);
  }
  if (text.length > MOST_BYTES)
    throw new ProfileError(
      `profile ${shown}: ${text.length} bytes; at most ${MOST_BYTES} are read`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProfileError(
      `profile ${shown}: this is no JSON; percpu calibrate --out FILE writes one`,
    );
  }
  return checkProfile(value, `profile ${shown}`);
}
