import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { findChromium } from '../../src/host/versions.ts';

const executable = findChromium(process.env);
const required = process.env.PERCPU_REQUIRE_TOOLS === '1';

/**
 * True where the tests that need a browser cannot run. Says so; with PERCPU_REQUIRE_TOOLS=1 it is
 * an error instead, so that a CI job without a browser does not pass for one with.
 */
export function noBrowser(): boolean {
  if (executable !== undefined) return false;
  const message = 'no Chromium on PATH, and CHROMIUM names none';
  if (required) throw new Error(`${message}: the report page cannot be tested`);
  console.warn(`skipped: the tests of the report page, because there is ${message}`);
  return true;
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    ...(executable === undefined ? {} : { executablePath: executable }),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Puts a page into a file and returns its address: the way a reader opens it. */
export function toFile(html: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'percpu-page-')), 'report.html');
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}
