import { drive } from '../support/stub-memory.ts';
import { outermost } from './failing.ts';

try {
  drive(outermost);
} catch (error) {
  process.stdout.write(String((error as Error).stack));
}
