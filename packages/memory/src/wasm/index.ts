/**
 * The assembler that the seam's own module is made with. For composite steps: several accesses that
 * cost one call, on the same memory (`memory.native`), with the plain form kept as their reference.
 */
export * from './assembler.ts';
