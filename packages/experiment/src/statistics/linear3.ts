/** Three linear equations. */

export type Vector3 = [number, number, number];
export type Matrix3 = [Vector3, Vector3, Vector3];

/** x with `matrix` x = `right`, by Gauss's elimination with pivoting; undefined when the matrix is singular. */
export function solve(matrix: Matrix3, right: Vector3): Vector3 | undefined {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < 3; column++) {
    let pivot = column;
    for (let i = column + 1; i < 3; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    }
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const head = rows[column]!;
    if (Math.abs(head[column]!) < Number.MIN_VALUE * 2 ** 60) return undefined;
    for (let i = 0; i < 3; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / head[column]!;
      for (let j = column; j < 4; j++) rows[i]![j]! -= factor * head[j]!;
    }
  }
  const solution = rows.map((row, i) => row[3]! / row[i]!);
  return solution.every(Number.isFinite) ? (solution as Vector3) : undefined;
}
