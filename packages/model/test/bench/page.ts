/** Writes docs/model-validation.md: `npm run page -w @percpu/model`, then prettier. */
import { writeFileSync } from 'node:fs';
import { validationPage } from '../../src/validation/page.ts';
import { validate } from '../../src/validation/validate.ts';

writeFileSync(
  new URL('../../../../docs/model-validation.md', import.meta.url),
  validationPage(validate()),
);
