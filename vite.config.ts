import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

import { SCRIPT, serviceWorker } from './scripts/lib/service-worker.mjs';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The static site. All references are relative: it can be served from any path. */
export default defineConfig({
  root: path('www/app'),
  base: './',
  worker: { format: 'es' },
  plugins: [serviceWorker()],
  build: {
    outDir: path('www/dist'),
    emptyOutDir: true,
    target: 'es2022',
    // The policy allows no code from data: URLs, and a small file of its own can be cached.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: path('www/app/index.html'), 'service-worker': path('www/app/service-worker.ts') },
      // Its address must stay: browsers look there for a new one.
      output: { entryFileNames: ({ name }) => (name === 'service-worker' ? SCRIPT : 'assets/[name]-[hash].js') },
    },
  },
});
