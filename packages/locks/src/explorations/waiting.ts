/** How waiters wait while exploring: the boot parameter `spin.budget`, with words for it. */

export interface WaitingStyle {
  /** Part of an exploration's name. */
  readonly name: string;
  readonly title: string;
  readonly parameters: Readonly<Record<string, number | boolean>>;
}

/** The explorer parks a spinning CPU until the word changes: fewest schedules. It sleeps only where nothing else can happen. */
export const PURE_SPINNING: WaitingStyle = Object.freeze({
  name: 'spinning',
  title: 'waiters spin',
  parameters: { 'spin.budget': 1000 },
});

export const SLEEPS_AT_ONCE: WaitingStyle = Object.freeze({
  name: 'sleeping',
  title: 'waiters sleep at once',
  parameters: { 'spin.budget': 0 },
});

export const SLEEPS_AFTER_ONE_TURN: WaitingStyle = Object.freeze({
  name: 'spin-then-sleep',
  title: 'waiters spin one turn, then sleep',
  parameters: { 'spin.budget': 1 },
});
