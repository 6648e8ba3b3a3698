/** Names that the emitted code adds. They share a prefix that the source does not contain. */

export interface Names {
  readonly prefix: string;
  /** The runtime export `name`, by its name in the module. */
  use(name: RuntimeName): string;
  /** Variable that holds the twin of the function declaration `name`. */
  twinOf(name: string): string;
  /** A new variable of the module, for the computed key of a class element. */
  key(): string;
  /** Import and variables, for the start of the module. */
  header(runtime: string, sites: string): string;
}

/** Needed in plain code too, which may run before the module itself has: imported, not copied. */
const IMPORTED = [
  'twin',
  'generatorTwin',
  'bind',
  'propertyKey',
  'twinsWithSuper',
  'atomic',
  'getElement',
  'setElement',
  'elementTarget',
] as const;
/** Copied to variables: quicker than an import in hosts that rewrite imports. */
const COPIED = [
  'R',
  'TWIN',
  'YIELD',
  'callable',
  'settled',
  'methodTwin',
  'iterate',
  'wasLeft',
  'template',
  'generatorBody',
  'delegate',
] as const;

export type RuntimeName = (typeof IMPORTED)[number] | (typeof COPIED)[number];

export function makeNames(source: string): Names {
  let prefix = '$$';
  while (source.includes(prefix)) prefix += '_$';
  const used = new Set<string>();
  let keys = 0;
  return {
    prefix,
    use(name) {
      used.add(name);
      return `${prefix}${name}`;
    },
    twinOf: (name) => `${prefix}$${name}`,
    key: () => `${prefix}key${++keys}`,
    header(runtime, sites) {
      const imported = IMPORTED.filter((name) => used.has(name));
      const copied = COPIED.filter((name) => used.has(name));
      const imports = imported.map((name) => `${name} as ${prefix}${name}`);
      const from = ` from ${JSON.stringify(runtime)};`;
      let text = imports.length > 0 ? `import{${imports.join(',')}}${from}` : '';
      const variables = copied.map((name) => `${prefix}${name}=${prefix}runtime.${name}`);
      if (sites !== '') variables.push(`${prefix}base=${prefix}runtime.registerSites(${sites})`);
      if (variables.length > 0) {
        text += `import*as ${prefix}runtime${from}const ${variables.join(',')};`;
      }
      if (keys > 0) {
        text += `let ${Array.from({ length: keys }, (_, i) => `${prefix}key${i + 1}`).join(',')};`;
      }
      return text;
    },
  };
}
