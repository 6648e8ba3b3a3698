/** The debug mode of locks: what it writes down, and mistakes that it finds. */
import { explorePinned } from '@percpu/explore/vitest';
import { debug } from '../../src/explorations/debug/index.ts';

explorePinned(debug, {
  schedules: {
    'debug-ticket-holders': 22,
    'debug-mcs-holders': 82,
    'debug-interrupted-holder': 13,
    'debug-mutex-holders': 83,
  },
  twins: {
    'debug-ends-with-a-mutex': 1000,
    'debug-ends-with-a-spin-lock': 1000,
    'debug-sleeps-with-a-spin-lock': 1000,
    'debug-takes-a-mutex-with-a-spin-lock': 1000,
    'debug-frees-a-mutex': 1000,
    'debug-destroys-a-mutex': 1000,
    'debug-initialises-a-mutex-again': 1000,
    'debug-interrupt-releases': 1000,
    'debug-lets-two-in': 1000,
    'debug-says-it-left-too-late': 1000,
    'debug-says-it-has-it-too-early': 1000,
    'debug-gives-up-in-silence': 1000,
  },
});
