/**
 * Who may import whom. Imports point down:
 *
 *   app  →  mechanism  →  core          engine  →  core          tool  →  anything
 *
 * The layer of a package is its nx tag (`"nx": { "tags": ["layer:core"] }` in its package.json), so
 * a new package is under these rules as soon as it exists. Inside core the order is CORE.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Lowest first. Each may import those before it. */
const CORE = [
  'packages/experiment',
  'packages/memory',
  'packages/machine',
  'packages/locks',
  'packages/mm',
];

const MAY_IMPORT = {
  core: ['core'],
  engine: ['core', 'engine'],
  mechanism: ['core', 'mechanism'],
  app: ['core', 'engine', 'mechanism', 'app'],
  tool: ['core', 'engine', 'mechanism', 'app', 'tool'],
};

const workspaces = globSync('{packages,apps,tools}/*/package.json').map((file) => {
  const tags = JSON.parse(readFileSync(file, 'utf8')).nx?.tags ?? [];
  const layers = tags.filter((tag) => tag.startsWith('layer:')).map((tag) => tag.slice(6));
  if (layers.length !== 1 || MAY_IMPORT[layers[0]] === undefined) {
    throw new Error(`${file}: needs one tag of ${Object.keys(MAY_IMPORT).join(', ')}: layer:…`);
  }
  return { folder: dirname(file).replaceAll('\\', '/'), layer: layers[0] };
});

for (const { folder, layer } of workspaces) {
  if (layer === 'core' && !CORE.includes(folder)) {
    throw new Error(`${folder} is tagged layer:core: give it its place in CORE of this file`);
  }
}

const inside = (folders) => (folders.length === 0 ? '^$' : `^(${folders.join('|')})/`);

/** Explored interleavings (`test/*.explore.ts`) need the explorer, whatever the layer of what they explore. */
const EXPLORED = '/test/.*[.]explore[.]ts$';

const layerRules = Object.entries(MAY_IMPORT).flatMap(([layer, allowed]) => {
  const folders = inside(workspaces.filter((w) => w.layer === layer).map((w) => w.folder));
  const rule = (name, may, from) => ({
    name,
    comment: `layer:${layer} may import: ${may.join(', ')}`,
    severity: 'error',
    from,
    to: { path: inside(workspaces.filter((w) => !may.includes(w.layer)).map((w) => w.folder)) },
  });
  return [
    rule(`layer-${layer}`, allowed, { path: folders, pathNot: EXPLORED }),
    rule(`layer-${layer}-explored`, [...allowed, 'engine'], {
      path: `${folders}.*${EXPLORED}`,
    }),
  ];
});

const orderRules = CORE.map((folder, index) => ({
  name: `order-${folder.split('/')[1]}`,
  comment: `Inside core, imports point down: ${CORE.join(' < ')}`,
  severity: 'error',
  from: { path: inside([folder]) },
  to: { path: inside(CORE.slice(index + 1)) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    ...orderRules,
    {
      name: 'no-circular',
      comment:
        'A cycle has no first file to read, and no safe order to load. Types may refer back.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-back-door',
      comment: 'Other packages are imported by name, never by a path into their folder.',
      severity: 'error',
      from: { path: '^(packages|apps|tools)/([^/]+)/' },
      to: { path: '^(packages|apps|tools)/[^/]+/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-tests-in-source',
      comment: 'Source does not import tests.',
      severity: 'error',
      from: { path: '^(packages|apps|tools)/[^/]+/src/' },
      to: { path: '^(packages|apps|tools)/[^/]+/test/' },
    },
    {
      name: 'experiments-apart',
      comment: 'Experiments are an entry of their own: who takes a package does not load them.',
      severity: 'error',
      from: {
        path: '^packages/[^/]+/src/',
        pathNot:
          '^packages/experiment/|^packages/[^/]+/src/(experiments|explorations|torture)/|' +
          // They run and judge what packages bring.
          '^packages/(explore|model)/src/',
      },
      to: { path: '^packages/([^/]+/src/(experiments|explorations|torture)/|experiment/)' },
    },
    {
      name: 'coroutine-apart',
      comment: 'The transform knows nothing of percpu: it runs any code.',
      severity: 'error',
      from: { path: '^packages/coroutine/src/' },
      to: { path: '^(packages|apps|tools)/', pathNot: '^packages/coroutine/' },
    },
    {
      name: 'only-boot-knows-node',
      comment:
        'Packages run in any host that has shared memory. Node and piscina belong to ' +
        '@percpu/machine/boot. The transform is a tool of the host too, but not its runtime.',
      severity: 'error',
      from: {
        path: '^packages/[^/]+/src/',
        pathNot:
          '^packages/machine/src/boot/|^packages/coroutine/src/(?!runtime/)|^packages/model/src/host/|' +
          '^packages/explore/src/(explorer/|vitest/)',
      },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg'],
        pathNot: '^packages/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage|node_modules/\\.cache)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@percpu/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
    moduleSystems: ['es6', 'cjs'],
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
  },
};
