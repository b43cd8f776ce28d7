import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8')) as { version: string };

/** The command line: one file for Node without dependencies; scripts/build.mjs puts the engine beside it. */
export default defineConfig({
  root: path('www/cli'),
  define: { __EMBERGLASS_VERSION__: JSON.stringify(version) },
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: path('www/cli/bin.ts'),
    outDir: path('www/cli/dist'),
    emptyOutDir: true,
    target: 'node20',
    reportCompressedSize: false,
    rolldownOptions: {
      output: { entryFileNames: 'emberglass.mjs', banner: '#!/usr/bin/env node' },
    },
  },
});
