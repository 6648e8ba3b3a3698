/** Code under control did something that has no meaning there. */
export class ControlError extends Error {
  override readonly name: string = 'ControlError';
}
