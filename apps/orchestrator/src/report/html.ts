/** A piece of HTML that is safe to put into a page as it is. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | undefined | readonly Part[];

/**
 * Template tag: every value is escaped unless it is a piece of HTML itself. Lists are joined,
 * undefined is nothing.
 */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = fixed[0] ?? '';
  parts.forEach((part, index) => {
    text += toText(part) + (fixed[index + 1] ?? '');
  });
  return new Html(text);
}

function toText(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeHtml(part);
  return part.map(toText).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter);
}

/**
 * JavaScript or JSON for a script element. `</script` would end the element and `<!--` would open
 * a comment in it; inside strings, where alone they can stand in our code, `\u003c` means the same.
 */
export function scriptText(code: string): Html {
  return new Html(code.replace(/<(?=\/script|!--|script)/gi, '\\u003c'));
}
