/** Shared memory was touched by code that cannot be stopped there: a getter, a constructor, a callback of a built-in. */
export class UncontrolledAccess extends Error {
  override readonly name: string = 'UncontrolledAccess';

  constructor(access: string) {
    super(
      `shared access outside a controlled frame: ${access}. Under a controlled clock an access is where a CPU can be stopped; ` +
        'getters, constructors, async functions and callbacks of built-ins cannot be. Take the access out of there',
    );
  }
}

/** Code under control did something that has no meaning there. */
export class ControlError extends Error {
  override readonly name: string = 'ControlError';
}
