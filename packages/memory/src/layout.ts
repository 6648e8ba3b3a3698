/**
 * Struct layouts: declared once, then constant byte offsets.
 *
 *   const TicketLock = layout({ next: 'u32', serving: 'u32' }, { name: 'TicketLock' });
 *   memory.load(lock + TicketLock.serving)
 *
 * Alignment is that of C on a 32-bit-pointer machine: every field at a multiple of its own size,
 * the struct padded to its widest field. A nested layout's fields add up: `at + Outer.inner + Inner.x`.
 */
import { CACHE_LINE } from './memory.ts';
import type { FieldInfo, LayoutInfo } from './memory.ts';

/** Bytes of each scalar type; its alignment too. `ptr` is an address, hence 4. */
const SCALAR_SIZE = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  ptr: 4,
  u64: 8,
  i64: 8,
  f64: 8,
} as const;

export type Scalar = keyof typeof SCALAR_SIZE;

export interface ArrayType {
  readonly kind: 'array';
  readonly element: FieldType;
  readonly length: number;
}

export interface CacheAlignedType {
  readonly kind: 'cache-aligned';
  readonly field: FieldType;
}

export type FieldType = Scalar | LayoutInfo | ArrayType | CacheAlignedType;

export interface LayoutOptions {
  /** Printed in reports; default `struct`. */
  readonly name?: string;
  /** Puts the struct on cache lines of its own: alignment and size become multiples of CACHE_LINE. */
  readonly cacheAligned?: boolean;
}

/** Field names that a layout needs for itself. */
type Reserved = keyof LayoutInfo;

type NameOf<Fields> = Fields extends string ? Fields : Extract<keyof Fields, string>;

/**
 * Offset in bytes of each field, and what a layout tells about itself. Where an exported layout needs
 * its type spelled out, the names are enough: `Layout<'next' | 'serving'>`.
 */
export type Layout<Fields> = LayoutInfo & Readonly<Record<NameOf<Fields>, number>>;

const ADDRESS_SPACE = 2 ** 32;

const RESERVED: readonly string[] = ['layoutName', 'size', 'align', 'fields'] satisfies Reserved[];

/** Linux: `type name[length]`. `length` elements of one type, one after the other. */
export function array(element: FieldType, length: number): ArrayType {
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new RangeError(`array: a length of ${length}; accepted are whole numbers from 1`);
  }
  return { kind: 'array', element, length };
}

/** Linux: `____cacheline_aligned_in_smp`. The field gets cache lines of its own. */
export function cacheAligned(field: FieldType): CacheAlignedType {
  return { kind: 'cache-aligned', field };
}

export function layout<const Fields extends Readonly<Record<string, FieldType>>>(
  fields: Fields & Readonly<Partial<Record<Reserved, never>>>,
  options: LayoutOptions = {},
): Layout<Fields> {
  const layoutName = options.name ?? 'struct';
  const offsets: Record<string, number> = {};
  const infos: FieldInfo[] = [];
  let end = 0;
  let align = options.cacheAligned === true ? CACHE_LINE : 1;
  for (const [name, type] of Object.entries<FieldType>(fields)) {
    refuseBadName(layoutName, name);
    const shape = shapeOf(type, `${layoutName}.${name}`);
    const offset = alignUp(end, shape.align);
    end = offset + shape.size;
    align = Math.max(align, shape.align);
    offsets[name] = offset;
    infos.push(Object.freeze({ name, offset, size: shape.used, ...elementOf(shape) }));
  }
  if (end > ADDRESS_SPACE) {
    throw new RangeError(
      `layout ${layoutName}: ${end} bytes; accepted are up to ${ADDRESS_SPACE} (4 GiB)`,
    );
  }
  if (infos.length === 0)
    throw new TypeError(`layout ${layoutName}: no fields; accepted is at least one`);
  const info: LayoutInfo = {
    layoutName,
    size: alignUp(end, align),
    align,
    fields: Object.freeze(infos),
  };
  return Object.freeze({ ...offsets, ...info }) as Layout<Fields>;
}

interface Shape {
  readonly align: number;
  /** With padding. */
  readonly size: number;
  /** Without the padding after a cache-aligned field. */
  readonly used: number;
  /** The nested struct, or that of the array's elements. */
  readonly inner: LayoutInfo | undefined;
  /** Bytes from one array element to the next. */
  readonly stride: number | undefined;
}

function shapeOf(type: FieldType, where: string): Shape {
  if (!isFieldType(type)) throw unknownType(type, where);
  if (typeof type === 'string') return scalarShape(type);
  if ('layoutName' in type) {
    return { align: type.align, size: type.size, used: type.size, inner: type, stride: undefined };
  }
  if (type.kind === 'array') {
    const element = shapeOf(type.element, where);
    if (element.stride !== undefined) {
      throw new TypeError(
        `layout ${where}: an array of arrays; put the inner array into a layout of its own`,
      );
    }
    const stride = alignUp(element.size, element.align);
    const size = stride * type.length;
    return { align: element.align, size, used: size, inner: element.inner, stride };
  }
  const field = shapeOf(type.field, where);
  return { ...field, align: CACHE_LINE, size: alignUp(field.size, CACHE_LINE) };
}

/** Also asked about what plain JavaScript passes. */
function isFieldType(type: unknown): type is FieldType {
  if (typeof type === 'string') return Object.hasOwn(SCALAR_SIZE, type);
  if (typeof type !== 'object' || type === null) return false;
  const { kind, layoutName } = type as { kind?: unknown; layoutName?: unknown };
  return typeof layoutName === 'string' || kind === 'array' || kind === 'cache-aligned';
}

function scalarShape(type: Scalar): Shape {
  const size = SCALAR_SIZE[type];
  return { align: size, size, used: size, inner: undefined, stride: undefined };
}

function elementOf(shape: Shape): Partial<Pick<FieldInfo, 'inner' | 'stride'>> {
  return {
    ...(shape.inner === undefined ? {} : { inner: shape.inner }),
    ...(shape.stride === undefined ? {} : { stride: shape.stride }),
  };
}

function refuseBadName(layoutName: string, name: string): void {
  if (RESERVED.includes(name)) {
    throw new TypeError(
      `layout ${layoutName}: the field name "${name}" is reserved (a layout uses ${RESERVED.join(', ')} itself)`,
    );
  }
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || name === '__proto__') {
    throw new TypeError(
      `layout ${layoutName}: "${name}" is no field name; accepted are identifiers`,
    );
  }
}

function unknownType(type: unknown, where: string): TypeError {
  const accepted = `${Object.keys(SCALAR_SIZE).join(' ')}, a layout, array(…), cacheAligned(…)`;
  return new TypeError(
    `layout ${where}: unknown type ${JSON.stringify(type)}; accepted are ${accepted}`,
  );
}

/** `value` rounded up to a multiple of `align`. Exact up to 2^53. */
export function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}
