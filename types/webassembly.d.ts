/**
 * The part of the WebAssembly JavaScript interface that this repository uses.
 *
 * TypeScript declares it only in the `dom` and `webworker` libraries, and those also declare a
 * hundred globals (`name`, `status`, `event`, …) that would turn typing mistakes into valid code.
 * Unlike there, a memory's buffer may be shared, as the specification says it may.
 */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    /** In pages of 64 KiB. */
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }

  interface Memory {
    readonly buffer: ArrayBufferLike;
    grow(pages: number): number;
  }
  const Memory: { readonly prototype: Memory; new (descriptor: MemoryDescriptor): Memory };

  // A module has no members of its own; the brand keeps other objects from passing for one.
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  const Module: { readonly prototype: Module; new (bytes: ArrayBufferView | ArrayBuffer): Module };

  type Exports = Readonly<Record<string, unknown>>;
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  interface Instance {
    readonly exports: Exports;
  }
  const Instance: {
    readonly prototype: Instance;
    new (module: Module, imports?: Imports): Instance;
  };

  interface CompileError extends Error {
    readonly name: 'CompileError';
  }
  const CompileError: { readonly prototype: CompileError; new (message?: string): CompileError };

  function validate(bytes: ArrayBufferView | ArrayBuffer): boolean;
}
