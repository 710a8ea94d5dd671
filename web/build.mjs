// Builds the console, and the portal where it is there, into dist/; then puts a .gz beside each text file.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const web = fileURLToPath(new URL('.', import.meta.url))
const compressible = /\.(html|js|css|svg|json|txt|webmanifest)$/

for (const part of ['console', 'portal']) {
  const configFile = join(web, part, 'vite.config.ts')
  if (existsSync(configFile)) await build({ root: join(web, part), configFile })
}

for (const entry of readdirSync(join(web, 'dist'), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !compressible.test(entry.name)) continue
  const file = join(entry.parentPath, entry.name)
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }))
}
