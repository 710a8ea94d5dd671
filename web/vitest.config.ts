import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': folder('./console/src'), '@shared': folder('./shared') } },
  test: {
    // What needs a document says so in its first line.
    environment: 'node',
    include: ['{console,shared,portal}/**/*.test.ts'],
    server: { deps: { inline: ['element-plus'] } },
  },
})
