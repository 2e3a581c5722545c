/* What Relay's compiler makes of Screen.js, and of walk.graphql under names of its own. The folder that it works in is
 * the program's last argument. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { getOperationAST, parse, print, visit } from 'graphql';

import { documents } from '../walk.js';

const FOLDER = process.argv.at(-1);
const MADE = join(FOLDER, '__generated__');
const KINDS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };
const load = createRequire(import.meta.url);

/** Of a document of the walk, or of a name. */
export function artifact(asked) {
  return load(join(MADE, `${typeof asked === 'string' ? asked : nameOf(asked)}.graphql.js`));
}

/** Relay wants each operation under the name of its module. */
function nameOf(document) {
  const { name, operation } = getOperationAST(document);
  return `Walk${name.value}${KINDS[operation]}`;
}

/** The walk is no component, so it sees the data of all its fragments. */
function renamed(document) {
  const named = (node, value) => ({ ...node, name: { ...node.name, value } });
  const [{ directives }] = parse('{ ...x @relay(mask: false) }').definitions[0].selectionSet.selections;
  return visit(document, {
    OperationDefinition: (node) => named(node, nameOf(document)),
    FragmentDefinition: (node) => named(node, `Walk_${node.name.value}`),
    FragmentSpread: (node) => ({ ...named(node, `Walk_${node.name.value}`), directives }),
  });
}

export function compile() {
  const texts = Object.values(documents).flatMap((document) => renamed(document).definitions.map(print));
  const tagged = [...new Set(texts)].map((text) => `graphql\`${text}\`;\n`);
  writeFileSync(join(FOLDER, 'Walk.js'), `import { graphql } from 'relay-runtime';\n${tagged.join('')}`);
  cpSync(new URL('Screen.js', import.meta.url), join(FOLDER, 'Screen.js'));
  cpSync(new URL('../../../schema.graphql', import.meta.url), join(FOLDER, 'schema.graphql'));
  mkdirSync(MADE);
  const config = {
    src: '.',
    schema: 'schema.graphql',
    language: 'javascript',
    artifactDirectory: '__generated__',
    eagerEsModules: false, // which is what Node reads without a bundler
  };
  writeFileSync(join(FOLDER, 'relay.config.json'), JSON.stringify(config));
  execFileSync(process.execPath, [load.resolve('relay-compiler/cli.js'), 'relay.config.json'], { cwd: FOLDER });
}
