/** Backends and modes: what every test of an access runs over. */
import { createMemory, memblockAlloc } from '../src/index.ts';
import type { Memory, MemoryOptions, Ptr } from '../src/index.ts';

export const BYTES: number = 256 * 1024;

const MODES: readonly Required<Pick<MemoryOptions, 'backend' | 'checked'>>[] = [
  { backend: 'atomics', checked: true },
  { backend: 'atomics', checked: false },
  { backend: 'wasm', checked: true },
  { backend: 'wasm', checked: false },
];

const modeName = ({ backend, checked }: MemoryOptions): string =>
  `${backend ?? 'auto'} ${checked === true ? 'checked' : 'fast'}`;

export const EVERY_MODE: readonly (readonly [string, MemoryOptions])[] = MODES.map((mode) => [
  modeName(mode),
  mode,
]);

/** A new memory with one line of 128 zero bytes in it. */
export function withLine(mode: MemoryOptions = { backend: 'wasm' }): { memory: Memory; at: Ptr } {
  const memory = createMemory({ bytes: BYTES, ...mode });
  return { memory, at: memblockAlloc(memory, 128) };
}
