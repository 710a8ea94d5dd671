import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// A daemon to develop against: HUIYIN_DAEMON=http://127.0.0.1:PORT npm run dev
const daemon = process.env.HUIYIN_DAEMON ?? 'http://127.0.0.1:8080'
// Writes are refused unless Origin is the host that the daemon sees.
const toDaemon = { target: daemon, changeOrigin: true, ws: true, headers: { origin: daemon } }

export default defineConfig({
  root: folder('.'),
  base: '/',
  plugins: [vue(), components({ resolvers: [ElementPlusResolver({ importStyle: 'css' })], dirs: [], dts: false })],
  resolve: { alias: { '@': folder('./src'), '@shared': folder('../shared') } },
  build: {
    outDir: folder('../dist/console'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: { proxy: { '/api': toDaemon, '/public': toDaemon }, fs: { allow: [folder('..')] } },
})
