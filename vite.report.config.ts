import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Style sheets in templates without the white space that lays them out. */
const denseStyles: Plugin = {
  name: 'dense-styles',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('.ts') ? code.replace(/\bcss`[^`]*`/g, (sheet) => sheet.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\s+/g, ' ')) : null,
};

/** The script and the style sheet of the report; scripts/build.mjs puts both into one page. */
export default defineConfig({
  root: path('www/report'),
  // Set by itself for applications only.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  resolve: { alias: { '@tanstack/virtual-core': path('www/report/virtual-rows.ts') } },
  plugins: [denseStyles],
  build: {
    outDir: path('www/report/dist'),
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    lib: { entry: path('www/report/main.ts'), formats: ['iife'], name: 'emberglassReport', fileName: () => 'report.js', cssFileName: 'report' },
  },
});
