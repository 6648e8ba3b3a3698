/** `node ../../tools/bundle/src/main.ts` in the folder of a package, after tsc: the second half of its build. */
import { cwd } from 'node:process';
import { bundlePackage } from './bundle.ts';

await bundlePackage(cwd().replaceAll('\\', '/'));
