/* Builds ../static from page/ and the pinned packages. The surprise: a remote address that is not foreseen below
 * stops the build, because the page must work in a network without a way out and may not point there. */
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', 'static');

// Names of XML vocabularies: nobody fetches them, and a document without them is not SVG.
const XML_NAMES = /^http:\/\/www\.w3\.org\/(2000\/svg|1999\/xlink|1999\/xhtml|1998\/Math\/MathML|XML\/1998\/namespace)$/;

// [what the packages say, what the page says instead]. A rule that no longer matches stops the build too.
const REPLACEMENTS = [
  // React words its production errors as a link.
  ['"https://react.dev/errors/"', '"React error "'],
  // Markdown links inside descriptions of built-in scalars and directives.
  [/\]\(https?:\/\/[^)]+\)/g, ']'],
  // Links of GraphiQL's own that lead outside: without `href` they are plain text.
  [/href:"https:\/\/codemirror\.net[^"]*",target:"_blank",rel:"noopener noreferrer",/g, ''],
  [/href:"https:\/\/github\.com\/graphql\/graphiql",target:"_blank",rel:"noreferrer",/g, ''],
  // graphql-js advises on duplicate installations and names a page of yarn's.
  [/https:\/\/[\w.]+\/en\/docs\/selective-version-resolutions/g, "yarn's documentation"],
  // A scheme without a host, put before what a description spells without one: same value, no address in the bytes.
  [/"http:\/\/"/g, '"http:\\/\\/"'],
  [/`http:\/\/\$\{/g, '`http:\\/\\/${'],
];

/** The fonts that GraphiQL embeds are 330 KB without one Chinese glyph; page.css names the system's instead. */
const withoutFonts = {
  name: 'without-fonts',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

function withoutAddresses(text) {
  for (const [from, to] of REPLACEMENTS) {
    const replaced = text.replaceAll(from, to);
    if (replaced === text) throw new Error(`Nothing to replace any more: ${from}`);
    text = replaced;
  }
  return text;
}

function refuseAddresses(name, text) {
  const found = [...text.matchAll(/(?:https?|wss?):\/\/[^\s"'`)\\]+|["'`(]\/\/[\w-]+\.[^\s"'`)]+/g)]
    .map(([address]) => address)
    .filter((address) => !XML_NAMES.test(address));
  if (found.length) throw new Error(`${name} names remote addresses: ${[...new Set(found)].join(', ')}`);
}

/** Digest of everything the build is made from; the tests compute the same and say when a rebuild was forgotten. */
async function digestOfRecipe() {
  const digest = createHash('sha256');
  const pages = (await readdir(join(here, 'page'))).map((name) => `page/${name}`);
  for (const name of ['build.mjs', 'package-lock.json', 'package.json', ...pages].sort()) {
    digest.update(`${name}\n`).update(await readFile(join(here, name)));
  }
  return digest.digest('hex');
}

function packageOf(input) {
  const at = input.lastIndexOf('node_modules/');
  if (at < 0) return undefined;
  const [scope, name] = input.slice(at + 'node_modules/'.length).split('/');
  return input.slice(0, at) + 'node_modules/' + (scope.startsWith('@') ? `${scope}/${name}` : scope);
}

async function licences(inputs) {
  const folders = [...new Set(inputs.map(packageOf).filter(Boolean))].sort();
  const texts = [];
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(here, folder, 'package.json'), 'utf8'));
    const file = (await readdir(join(here, folder))).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
    const text = file ? await readFile(join(here, folder, file), 'utf8') : 'The package carries no licence text.';
    texts.push(`${name} ${version} (${license})\n\n${text.replace(/\r/g, '').replace(/https?:\/\//g, '').trim()}\n`);
  }
  return 'Packages built into the explorer, and their licences.\n\n' + texts.join(`\n${'-'.repeat(80)}\n\n`);
}

const recipe = await digestOfRecipe();
const result = await build({
  absWorkingDir: here,
  entryPoints: { explorer: 'page/main.jsx' },
  outdir: target,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  charset: 'utf8',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.svg': 'dataurl' },
  plugins: [withoutFonts],
  banner: { js: `/* Licences: LICENSES.txt. Built from ${recipe} */` },
  metafile: true,
  write: false,
});

const files = { 'LICENSES.txt': await licences(Object.keys(result.metafile.inputs)) };
files['icon.svg'] = await readFile(join(here, 'page', 'icon.svg'), 'utf8');
for (const { path, text } of result.outputFiles) {
  files[path.slice(target.length + 1)] = path.endsWith('.js') ? withoutAddresses(text) : text;
}
for (const [name, text] of Object.entries(files)) refuseAddresses(name, text);
for (const [name, text] of Object.entries(files)) {
  await writeFile(join(target, name), text);
  console.log(`${name}  ${Buffer.byteLength(text)} bytes`);
}
