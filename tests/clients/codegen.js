/* GraphQL Code Generator writes the types of the schema and of walk.graphql, with every scalar named, into the empty
 * folder that is the last argument; the TypeScript compiler checks them, and typed.ts, which is written with them. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

import { step, walked } from './steps.js';

const FOLDER = process.argv.at(-1);
const at = (path) => new URL(path, import.meta.url);
const read = (path) => parse(readFileSync(at(path), 'utf8'));

const SCALARS = { Date: 'string', DateTime: 'string', Decimal: 'string', Upload: 'File' };
const OPTIONS = {
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noUnusedLocals: true,
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['es2022', 'dom'],
  types: [],
};

/** One file, of all types of the schema or of what the operations need; resolves to its text. */
async function generate(filename, pluginMap, scalars = SCALARS) {
  const written = await codegen({
    filename,
    schema: read('../../schema.graphql'),
    documents: [{ location: 'walk.graphql', document: read('walk.graphql') }],
    config: { strictScalars: true, scalars, useTypeImports: true },
    plugins: Object.keys(pluginMap).map((name) => ({ [name]: {} })),
    pluginMap,
  });
  writeFileSync(join(FOLDER, filename), written);
}

function check() {
  cpSync(at('typed.ts'), join(FOLDER, 'typed.ts'));
  symlinkSync(fileURLToPath(at('node_modules')), join(FOLDER, 'node_modules'));
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
  const compiler = fileURLToPath(at('node_modules/typescript/bin/tsc'));
  execFileSync(process.execPath, [compiler, '--project', FOLDER], { stdio: 'inherit' });
}

await step('writes the types of the schema', () => generate('schema.ts', { typescript }));
await step('writes the types of the walk', () => generate('types.ts', { operations, typedDocumentNode }));
await step('takes no scalar that nobody has named', async () => {
  await assert.rejects(generate('loose.ts', { typescript }, { ...SCALARS, Decimal: undefined }), /Decimal/);
});
await step('fit together', check);
walked();
