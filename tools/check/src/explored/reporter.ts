/** A reporter of vitest that keeps what was explored. Files without explorations leave nothing. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { RECORDS } from './record.ts';
import type { Explored, ExploredFile } from './record.ts';

export default class ExploredReporter implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const root = module.project.config.root;
    const file = path.relative(root, module.moduleId).replaceAll('\\', '/');
    const target = path.join(root, RECORDS, `${file.replaceAll('/', '-')}.json`);
    const explored = [...module.children.allTests('passed')].flatMap((test) => {
      const meta = (test.meta() as { explored?: Omit<Explored, 'seconds'> }).explored;
      return meta === undefined ? [] : [{ ...meta, seconds: test.diagnostic()!.duration / 1000 }];
    });
    if (explored.length === 0) return rmSync(target, { force: true });
    const { name } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      name: string;
    };
    mkdirSync(path.dirname(target), { recursive: true });
    const record: ExploredFile = { package: name, file, explored };
    writeFileSync(target, `${JSON.stringify(record, undefined, 1)}\n`);
  }
}
