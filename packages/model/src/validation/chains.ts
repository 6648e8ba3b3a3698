/** The chains of curve G, in cycles. */
export const CHAINS: readonly { readonly a: number; readonly s: number; readonly c: number }[] = [
  { a: 20_000, s: 400, c: 200 },
  { a: 8_000, s: 400, c: 200 },
];

export const CHAIN_CORES: readonly number[] = [8, 12, 16, 20, 24, 32, 48, 64, 96];
