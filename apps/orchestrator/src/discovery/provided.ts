import { messageOf, UsageError } from '../cli/errors.ts';
import { entryUrl, installedPackages } from './installed.ts';

/** Where packages are looked for. */
export interface Search {
  /** The folder whose package.json is looked at besides percpu's own packages. */
  readonly cwd: string;
  /** Where the search for percpu's packages starts. Default: this file. */
  readonly from?: string;
}

/** Something that a package exports for this command, not yet looked at. */
export interface Provided {
  readonly package: string;
  readonly version: string;
  readonly url: string;
  readonly value: unknown;
}

/**
 * What installed packages export under the name `entry` from their entry of that name (`engine` from
 * `./engine`), one after the other and imported only when asked for. Packages of the user's own come first:
 * who brings an engine means it to be used.
 *
 * @throws UsageError naming the package that cannot be imported.
 */
export async function* importProvided(
  entry: 'engine' | 'explorer',
  search: Search,
): AsyncGenerator<Provided, void> {
  const packages = installedPackages(search.from ?? import.meta.url, search.cwd).filter(
    ({ entries }) => entries.includes(`./${entry}`),
  );
  const isOurs = ({ name }: { name: string }): boolean => name.startsWith('@percpu/');
  const inTurn = [...packages.filter((one) => !isOurs(one)), ...packages.filter(isOurs)];
  for (const pkg of inTurn) {
    let url = '';
    let loaded: Readonly<Record<string, unknown>>;
    try {
      url = entryUrl(pkg, entry);
      loaded = (await import(url)) as typeof loaded;
    } catch (error) {
      throw new UsageError(
        `cannot import the ${entry} of ${pkg.name} (${url || pkg.folder}): ${messageOf(error)}`,
      );
    }
    yield { package: pkg.name, version: pkg.version, url, value: loaded[entry] };
  }
}
