/**
 * The JavaScript of a package's dist; the declarations are tsc's.
 *
 * A CPU is a thread, and every thread loads its modules again, so a package should be few files. A module must
 * also be one instance, whichever entry it is reached by: what several entries share goes into one chunk that
 * all of them import. Other packages, ours as well, stay outside.
 */
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path/posix';
import { rolldown } from 'rolldown';
import { entriesOf } from './entries.ts';
import { ownAddress } from './own-address.ts';

/** Bundles `folder/src` into `folder/dist`. Returns the files it wrote. */
export async function bundlePackage(folder: string): Promise<string[]> {
  const dist = join(folder, 'dist');
  for (const file of globSync('**/*.{js,js.map}', { cwd: dist })) rmSync(join(dist, file));
  const entries = entriesOf(folder).map((name) => [name, join(folder, 'src', `${name}.ts`)]);
  const bundler = await rolldown({
    cwd: folder,
    input: Object.fromEntries(entries) as Record<string, string>,
    platform: 'neutral',
    external: /^[@a-z]/,
    plugins: [ownAddress(join(folder, 'src'))],
  });
  const { output } = await bundler.write({
    dir: dist,
    chunkFileNames: 'chunks/[name].js',
    // The declarations have them, and V8 keeps the source of what it has loaded in every thread.
    comments: false,
    minifyInternalExports: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  await bundler.close();
  return output.map(({ fileName }) => fileName);
}
