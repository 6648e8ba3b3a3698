/**
 * @percpu/coroutine/register: `node --import @percpu/coroutine/register main.ts`.
 *
 * Environment variable PERCPU_COROUTINE: a `Selection` as JSON, `{"include": ["/src/"], "atomics": ["queue.ts"]}`.
 */
import { registerCoroutine } from '../hooks/index.ts';
import { readSelection } from './read-selection.ts';

const chosen = process.env.PERCPU_COROUTINE;
if (chosen !== 'off') registerCoroutine(chosen === undefined ? {} : readSelection(chosen));
