/**
 * The buttons that copy a command. Runs in the page: it must not refer to anything outside itself.
 * Where the clipboard is out of reach the command is selected instead, ready for Ctrl-C.
 */
export function wireCopy(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    const code = button.parentElement?.querySelector('code');
    if (code === null || code === undefined) continue;
    button.addEventListener('click', () => {
      void navigator.clipboard.writeText(code.textContent).then(
        () => say('copied'),
        () => {
          getSelection()?.selectAllChildren(code);
          say('selected');
        },
      );
    });
    const say = (word: string): void => {
      const before = button.textContent;
      button.textContent = word;
      setTimeout(() => (button.textContent = before), 1500);
    };
  }
}
