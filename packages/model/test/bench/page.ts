/** Writes docs/model-validation.md: `npm run page -w @percpu/model`, then prettier. */
import { writeFileSync } from 'node:fs';
import { engine } from '../../src/host/engine.ts';
import { validationPage } from '../../src/validation/page.ts';

const { signal } = new AbortController();
const validation = await engine.validate({ signal, progress: () => undefined });

writeFileSync(
  new URL('../../../../docs/model-validation.md', import.meta.url),
  validationPage(validation),
);
