/** An access in words: `store ticket.serving = 1`, `compareExchange mutex.state 0 → 1: was 1`. */
import { hex } from '@percpu/memory';
import { BLOCKED, Op, OPERATIONS } from '@percpu/simulator';
import type { AddressNames } from '@percpu/simulator';

/** An access, and what it answered if it was carried out. */
export interface ShownAccess {
  readonly op: number;
  readonly at: number;
  readonly a: number | bigint;
  readonly b: number | bigint;
  /** A number, a bigint, or what `wait` answered; undefined where there is no answer. */
  readonly result: unknown;
}

/** Numbers from here on are more likely addresses or masks. */
const DECIMAL_BELOW = 0x1000;
/** Small negative numbers, as a u32. */
const NEGATIVE_FROM = 2 ** 32 - 256;

/** Small numbers as they are, the others in hex; a wrapped −1 as −1. */
export function valueText(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value !== 'number') return String(value);
  if (!Number.isInteger(value) || value < 0 || value < DECIMAL_BELOW) return String(value);
  if (value >= NEGATIVE_FROM && value < 2 ** 32) return `−${2 ** 32 - value}`;
  return hex(value);
}

/** As `valueText`, but an address at which a struct was described to begin is that struct's name: `&waiter`. */
function pointerText(value: unknown, names: AddressNames): string {
  const struct = typeof value === 'number' ? names.structAt(value) : undefined;
  return struct === undefined ? valueText(value) : `&${struct}`;
}

export function accessText(access: ShownAccess, names: AddressNames): string {
  const { op, at, a, b, result } = access;
  const name = OPERATIONS[op]?.name ?? `operation ${op}`;
  const show = (value: unknown): string => pointerText(value, names);
  const where = `${name} ${names.nameOf(at)}`;
  switch (op) {
    case Op.now:
      return `now → ${show(result)}`;
    case Op.pause:
      return 'pause';
    case Op.delay:
      return `delay ${String(a)} ns`;
    case Op.choose:
      return `choose of ${String(a)} → ${show(result)}`;
    case Op.copy:
      return `${where} ← ${names.nameOf(Number(a))}, ${String(b)} bytes`;
    case Op.fill:
      return `${where}, ${String(b)} bytes = ${show(a)}`;
    case Op.wait:
      return `${where} while ${show(a)} → ${result === BLOCKED ? 'sleeps' : (result as string)}`;
    case Op.notify:
      return `${where}${result === undefined ? '' : ` → woke ${show(result)}`}`;
    default:
      break;
  }
  if (name.startsWith('compareExchange'))
    return `${where} ${show(a)} → ${show(b)}: was ${show(result)}`;
  if (name.startsWith('exchange')) return `${where} = ${show(a)}: was ${show(result)}`;
  if (name.startsWith('fetch')) return `${where} ${operand(name, a, show)}: was ${show(result)}`;
  return OPERATIONS[op]?.effect === 'write'
    ? `${where} = ${show(a)}`
    : `${where} → ${show(result)}`;
}

function operand(name: string, value: number | bigint, show: (value: unknown) => string): string {
  if (name.startsWith('fetchAdd')) return value < 0 ? `− ${show(-value)}` : `+ ${show(value)}`;
  return `${{ fetchAnd: '&', fetchOr: '|', fetchXor: '^' }[name] ?? ''} ${show(value)}`;
}
