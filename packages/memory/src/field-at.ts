import type { FieldInfo, LayoutInfo } from './memory.ts';

/**
 * The name of the field that covers byte `offset` of a struct, for reports: `TicketLock.serving`,
 * `Outer.inner.next`, `Queue.slots[3]`; with `+n` when the byte is not the first of the field, and
 * `Outer.(padding)` where no field is.
 */
export function fieldAt(layout: LayoutInfo, offset: number): string {
  return layout.layoutName + pathTo(layout, offset);
}

function pathTo(layout: LayoutInfo, offset: number): string {
  const field = layout.fields.find((one) => offset >= one.offset && offset < one.offset + one.size);
  if (field === undefined) return '.(padding)';
  return `.${field.name}${pathWithin(field, offset - field.offset)}`;
}

function pathWithin(field: FieldInfo, offset: number): string {
  const index = field.stride === undefined ? '' : `[${Math.floor(offset / field.stride)}]`;
  const rest = field.stride === undefined ? offset : offset % field.stride;
  if (field.inner !== undefined) return index + pathTo(field.inner, rest);
  return index + (rest === 0 ? '' : `+${rest}`);
}
