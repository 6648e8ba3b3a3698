/** One operation of the object under test, for the check of linearizability. */
export interface Call {
  readonly cpu: number;
  readonly operation: string;
  readonly args: readonly unknown[];
  /** Position in the order of beginnings and ends in this run: a before b if a.returned < b.invoked. */
  invoked: number;
  /** Infinity: it has not returned. */
  returned: number;
  /** Of a call that has returned. */
  result: unknown;
}
