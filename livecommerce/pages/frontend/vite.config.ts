// One build for every page: a named entry each, shared chunks between them, a manifest for the shells.
import preact from '@preact/preset-vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

const PAGES = [
  'start', 'sign-in', 'room', 'console', 'bookings', 'roster',
  'finance', 'money', 'chain', 'checkout', 'order', 'desk', 'docs', 'mail', 'webhooks', 'not-found',
  'cart', 'orders', 'addresses', 'methods', 'messages', 'receipt',
  'products', 'product', 'stock', 'imports',
];

export default defineConfig({
  base: '/static/',
  plugins: [preact({ reactAliasesEnabled: false }), tailwindcss()],
  build: {
    outDir: '../static',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 2048,
    rolldownOptions: {
      input: Object.fromEntries(PAGES.map((page) => [page, `src/pages/${page}.tsx`])),
    },
  },
});
