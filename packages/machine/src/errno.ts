/**
 * Error codes as the kernel returns them: negative numbers, so that `result < 0` means failure and
 * a useful value can share the return. Source of the values: Linux include/uapi/asm-generic/errno-base.h
 * and errno.h.
 */
export const Errno = {
  /** Operation not permitted. */
  EPERM: -1,
  /** No such file, object or entry. */
  ENOENT: -2,
  /** No such process. */
  ESRCH: -3,
  /** Interrupted. */
  EINTR: -4,
  /** Input/output error. */
  EIO: -5,
  /** No such device or address: an offline CPU, for instance. */
  ENXIO: -6,
  /** Try again. */
  EAGAIN: -11,
  /** Out of memory. */
  ENOMEM: -12,
  /** Bad address. */
  EFAULT: -14,
  /** Busy. */
  EBUSY: -16,
  /** Exists already. */
  EEXIST: -17,
  /** No such device. */
  ENODEV: -19,
  /** Invalid argument. */
  EINVAL: -22,
  /** No space left. */
  ENOSPC: -28,
  /** Out of range. */
  ERANGE: -34,
  /** Would deadlock. */
  EDEADLK: -35,
  /** Not implemented. */
  ENOSYS: -38,
  /** No data available. */
  ENODATA: -61,
  /** Timed out (kernel-internal: a timer that ran out before the event). */
  ETIME: -62,
  /** Value too large for its type. */
  EOVERFLOW: -75,
  /** Not supported. */
  EOPNOTSUPP: -95,
  /** Connection or wait timed out. */
  ETIMEDOUT: -110,
  /** Operation already in progress. */
  EALREADY: -114,
  /** Operation now in progress. */
  EINPROGRESS: -115,
  /** Cancelled. */
  ECANCELED: -125,
  /** Interrupted by a signal; to be tried again once that is dealt with (kernel-internal). */
  ERESTARTSYS: -512,
} as const;

/** One of the negative codes in `Errno`. */
export type ErrnoCode = (typeof Errno)[keyof typeof Errno];

/** The name of a code (`-2` → `ENOENT`), for messages; a number without a name is given as it is. */
export function errnoName(code: number): string {
  for (const [name, value] of Object.entries(Errno)) if (value === code) return name;
  return String(code);
}
