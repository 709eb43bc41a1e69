// Turns what `ngc` compiled into `dist/`: one script, one stylesheet, index.html and the files of `public/`.
//
// Angular's packages come half compiled; the linker finishes them here, ahead of time, so that no compiler is shipped
// and the page runs under `script-src 'self'`.

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

import linker from '@angular/compiler-cli/linker/babel';
import { transformAsync } from '@babel/core';
import { build } from 'esbuild';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));

/**
 * Says of a library's top-level calls, and of what its classes hold statically, that they have no side effects,
 * so that esbuild can drop what is unused.
 */
function withoutSideEffects({ types }) {
  const mark = (path) => {
    const isStatic = path.findParent((parent) => parent.isClassProperty({ static: true }));
    if (path.getFunctionParent() || path.parentPath.isExpressionStatement()) return;
    if (isStatic || !path.findParent((parent) => parent.isClass())) types.addComment(path.node, 'leading', '#__PURE__');
  };
  return {
    visitor: {
      // `static { this.ɵfac = …; }` becomes `static ɵfac = …;`.
      StaticBlock(path) {
        const assignments = path.node.body.map(({ expression }) => expression);
        const isAssignment = (node) =>
          types.isAssignmentExpression(node, { operator: '=' }) &&
          types.isThisExpression(node.left.object) &&
          types.isIdentifier(node.left.property);
        if (!assignments.every(isAssignment)) return;
        path.replaceWithMultiple(
          assignments.map(({ left, right }) => types.classProperty(left.property, right, null, null, false, true)),
        );
      },
      CallExpression: mark,
      NewExpression: mark,
    },
  };
}

const angularLibraries = {
  name: 'angular-libraries',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules[\\/](@angular|@ng-select)[\\/].*\.m?js$/ }, async ({ path }) => {
      const { code } = await transformAsync(await readFile(path, 'utf8'), {
        filename: path,
        plugins: [[linker, { linkerJitMode: false }], withoutSideEffects],
        babelrc: false,
        configFile: false,
        compact: false,
        sourceMaps: false,
      });
      return { contents: code, loader: 'js' };
    });
  },
};

await rm('dist', { recursive: true, force: true });
await mkdir('dist');
await cp('public', 'dist', { recursive: true });

const { metafile } = await build({
  entryPoints: { app: '.angular/compiled/main.js', styles: 'src/styles/index.css' },
  outdir: 'dist',
  entryNames: '[name]-[hash]',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  conditions: ['es2015'],
  minify: true,
  metafile: true,
  define: { ngDevMode: 'false', ngJitMode: 'false', ngI18nClosureMode: 'false' },
  legalComments: 'none',
  external: ['/favicon.svg'],
  logLevel: 'warning',
  plugins: [angularLibraries],
});

const outputs = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint);
const built = (extension) => basename(outputs.find(([path]) => path.endsWith(extension))[0]);

const page = await readFile('src/index.html', 'utf8');
await writeFile('dist/index.html', page.replace('styles.css', built('.css')).replace('app.js', built('.js')));

for (const [path, { bytes }] of outputs) {
  console.log(`${path}  ${(bytes / 1024).toFixed(0)} kB`);
}
