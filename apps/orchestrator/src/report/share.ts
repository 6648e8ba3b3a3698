/** `34 %`, `3.4 %`, `<0.1 %`, `0`. The argument is a share, 0 … 1. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0';
  if (percent < 0.1) return '<0.1 %';
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}
