/**
 * The button that switches between light and dark, and light colours on paper. Without a choice
 * the page follows the system. Runs in the page: it must not refer to anything outside itself.
 */
export function wireTheme(): void {
  const root = document.documentElement;
  const button = document.querySelector<HTMLButtonElement>('#theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  let printing: string | undefined;

  function isDark(): boolean {
    const chosen = root.dataset.theme;
    return chosen === undefined ? system.matches : chosen === 'dark';
  }

  function changed(): void {
    button?.setAttribute('aria-pressed', String(isDark()));
    // The charts are canvases: they take their colours when they are drawn.
    document.dispatchEvent(new Event('themechange'));
  }

  button?.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    changed();
  });
  system.addEventListener('change', changed);
  addEventListener('beforeprint', () => {
    printing = root.dataset.theme ?? '';
    root.dataset.theme = 'light';
    changed();
  });
  addEventListener('afterprint', () => {
    if (printing === '' || printing === undefined) delete root.dataset.theme;
    else root.dataset.theme = printing;
    changed();
  });
  changed();
}
