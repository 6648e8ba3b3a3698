/**
 * A small WebAssembly assembler: from named instructions to the bytes of a module.
 *
 * It knows what percpu needs (functions over one imported shared memory: integer arithmetic, loops,
 * plain and atomic accesses) and nothing else. A function is written as a list of instructions in
 * the order of the text format, so that what is checked in can be read:
 *
 *   func('fetchAdd', ['i32', 'i32'], 'i32', [get(0), get(1), atomic('i32.rmw.add')])
 *
 * Numbers are those of the WebAssembly core specification (§5, binary format) and of its threads
 * proposal (atomic instructions, prefix 0xfe).
 */

export type ValueType = 'i32' | 'i64' | 'f64';

/** The bytes of one or more instructions. */
export type Code = readonly number[];

export interface WasmFunction {
  /** Exported under this name. */
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
  /** Locals after the parameters: their indices go on where the parameters end. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

const VALUE_TYPE: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c };

/** Unsigned LEB128, at most 32 bit. */
export function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Signed LEB128, at most 32 bit. */
export function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    // Bit 6 of the last byte is the sign: one more byte when it would say the wrong one.
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const NUMERIC = {
  'i32.eqz': [0x45],
  'i32.eq': [0x46],
  'i32.ne': [0x47],
  'i32.lt_s': [0x48],
  'i32.lt_u': [0x49],
  'i32.add': [0x6a],
  'i32.sub': [0x6b],
  'i32.mul': [0x6c],
  'i32.and': [0x71],
  'i32.or': [0x72],
  'i32.xor': [0x73],
  'i32.shl': [0x74],
  'i32.shr_u': [0x76],
  'f64.convert_i32_s': [0xb7],
  'f64.convert_i32_u': [0xb8],
  'f64.convert_i64_s': [0xb9],
  'i64.trunc_sat_f64_s': [0xfc, 0x06],
  return: [0x0f],
  drop: [0x1a],
} as const;

/** Atomic instruction: its number after the prefix, and the logarithm of the width it is aligned to. */
const ATOMIC = {
  'i32.load': [0x10, 2],
  'i64.load': [0x11, 3],
  'i32.load8_u': [0x12, 0],
  'i32.load16_u': [0x13, 1],
  'i32.store': [0x17, 2],
  'i64.store': [0x18, 3],
  'i32.store8': [0x19, 0],
  'i32.store16': [0x1a, 1],
  'i32.rmw.add': [0x1e, 2],
  'i64.rmw.add': [0x1f, 3],
  'i32.rmw.sub': [0x25, 2],
  'i32.rmw.and': [0x2c, 2],
  'i32.rmw.or': [0x33, 2],
  'i32.rmw.xor': [0x3a, 2],
  'i32.rmw.xchg': [0x41, 2],
  'i64.rmw.xchg': [0x42, 3],
  'i32.rmw8.xchg_u': [0x43, 0],
  'i32.rmw16.xchg_u': [0x44, 1],
  'i32.rmw.cmpxchg': [0x48, 2],
  'i64.rmw.cmpxchg': [0x49, 3],
  'i32.rmw8.cmpxchg_u': [0x4a, 0],
  'i32.rmw16.cmpxchg_u': [0x4b, 1],
} as const;

export type NumericInstruction = keyof typeof NUMERIC;
export type AtomicInstruction = keyof typeof ATOMIC;

/** Any instruction without immediate operands. */
export const op = (name: NumericInstruction): Code => NUMERIC[name];

/** An atomic access; address (and operands) on the stack, `offset` bytes are added to the address. */
export function atomic(name: AtomicInstruction, offset = 0): Code {
  const [number, alignLog2] = ATOMIC[name];
  return [0xfe, number, alignLog2, ...unsignedLeb(offset)];
}

/** Plain `i32.load`. */
export const load = (offset = 0): Code => [0x28, 2, ...unsignedLeb(offset)];
/** Plain `i32.store`. */
export const store = (offset = 0): Code => [0x36, 2, ...unsignedLeb(offset)];

export const get = (local: number): Code => [0x20, ...unsignedLeb(local)];
export const set = (local: number): Code => [0x21, ...unsignedLeb(local)];
export const tee = (local: number): Code => [0x22, ...unsignedLeb(local)];
export const constant = (value: number): Code => [0x41, ...signedLeb(value)];

const EMPTY_BLOCK = 0x40;
const END = 0x0b;
/** A branch to it (`branch`, `branchIf`) leaves it. */
export const block = (...body: Code[]): Code => [0x02, EMPTY_BLOCK, ...body.flat(), END];
/** A branch to it (`branch`, `branchIf`) starts it again. */
export const loop = (...body: Code[]): Code => [0x03, EMPTY_BLOCK, ...body.flat(), END];
/** Takes the condition from the stack. */
export const when = (...body: Code[]): Code => [0x04, EMPTY_BLOCK, ...body.flat(), END];
/** `depth` 0 is the innermost block or loop around the instruction. */
export const branch = (depth: number): Code => [0x0c, ...unsignedLeb(depth)];
export const branchIf = (depth: number): Code => [0x0d, ...unsignedLeb(depth)];

/** A function, exported under `name`. */
export function func(
  name: string,
  params: readonly ValueType[],
  result: ValueType | undefined,
  body: readonly Code[],
  locals: readonly ValueType[] = [],
): WasmFunction {
  return { name, params, result, locals, body: body.flat() };
}

const vector = (items: readonly Code[]): number[] => [
  ...unsignedLeb(items.length),
  ...items.flat(),
];
const text = (value: string): number[] =>
  vector([...new TextEncoder().encode(value)].map((byte) => [byte]));

function section(id: number, items: readonly Code[]): number[] {
  const content = vector(items);
  return [id, ...unsignedLeb(content.length), ...content];
}

const functionType = (f: WasmFunction): number[] => [
  0x60,
  ...vector(f.params.map((type) => [VALUE_TYPE[type]])),
  ...vector(f.result === undefined ? [] : [[VALUE_TYPE[f.result]]]),
];

function functionBody(f: WasmFunction): number[] {
  const body = [...vector(f.locals.map((type) => [1, VALUE_TYPE[type]])), ...f.body, END];
  return [...unsignedLeb(body.length), ...body];
}

/** A memory of 65536 pages of 64 KiB is the whole 32-bit address space: every memory fits the import. */
const MAX_PAGES = 65536;
const SHARED_WITH_MAXIMUM = 3;

/** The module: `functions` over one shared memory, imported as `percpu.memory`. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d], // "\0asm"
    ...[1, 0, 0, 0], // version
    ...section(1, functions.map(functionType)),
    ...section(2, [
      [
        ...text('percpu'),
        ...text('memory'),
        0x02,
        SHARED_WITH_MAXIMUM,
        ...unsignedLeb(1),
        ...unsignedLeb(MAX_PAGES),
      ],
    ]),
    ...section(
      3,
      functions.map((_, index) => unsignedLeb(index)),
    ),
    ...section(
      7,
      functions.map((f, index) => [...text(f.name), 0x00, ...unsignedLeb(index)]),
    ),
    ...section(10, functions.map(functionBody)),
  ]);
}

/** The exports of `bytes` over `memory`. Throws what `WebAssembly.Module` throws on a malformed module. */
export function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  memory: WebAssembly.Memory,
): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { percpu: { memory } }).exports;
}
