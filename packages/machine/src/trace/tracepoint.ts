/**
 * Tracepoints: named places in the code that somebody may listen to. Declaring one costs nothing and
 * keeps no state, so a declaration is a module-level constant:
 *
 *   const queueFull = tracepoint('queue_full', ['queue:ptr', 'length:u32']);
 *
 * A CPU's state of it is a `TraceSite`, got once and kept; the place itself is one field and one branch:
 *
 *   const site = traceSite(cpu, queueFull);          // when the subsystem attaches
 *   if (site.enabled) site.fire(queue, length);      // on the hot path
 */

/** What a field of a record may be. All are numbers; the type says how to show and store them. */
export type TraceFieldType = 'u32' | 'i32' | 'ptr' | 'u64' | 'i64';

/** `name:type`. */
export type TraceField = `${string}:${TraceFieldType}`;

export interface Tracepoint<Fields extends readonly TraceField[] = readonly TraceField[]> {
  /** Unique on the machine. */
  readonly name: string;
  readonly fields: Fields;
}

/** What a place passes: one number a field. */
export type TraceArgs<Fields extends readonly TraceField[]> = {
  readonly [Index in keyof Fields]: number;
};

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const FIELD = /^[a-z_][A-Za-z0-9_]*:(u32|i32|ptr|u64|i64)$/;

/** Fields a tracepoint may have. Linux allows a dozen arguments; a probe gets one more for its data. */
export const MAX_TRACE_FIELDS = 12;

/** Linux: DECLARE_TRACE(). Throws a TypeError on a name or field that is not accepted. */
export function tracepoint<const Fields extends readonly TraceField[]>(
  name: string,
  fields: Fields,
): Tracepoint<Fields> {
  if (!NAME.test(name)) {
    throw new TypeError(`tracepoint ${JSON.stringify(name)}: accepted are names like sched_switch`);
  }
  if (fields.length > MAX_TRACE_FIELDS) {
    throw new TypeError(
      `tracepoint ${name}: ${fields.length} fields; accepted are at most ${MAX_TRACE_FIELDS}`,
    );
  }
  for (const field of fields) {
    if (!FIELD.test(field)) {
      throw new TypeError(
        `tracepoint ${name}: field ${JSON.stringify(field)}; ` +
          'accepted is name:type with u32, i32, ptr, u64 or i64',
      );
    }
  }
  return Object.freeze({ name, fields: Object.freeze([...fields]) as unknown as Fields });
}
