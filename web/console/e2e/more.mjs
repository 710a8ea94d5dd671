// The checks that share one daemon and one story, one after the other: what screens cost, the list and the keyboard;
// registration and settings; each page in its looks. Arguments choose among them; all run, whatever fails.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startDaemon } from './harness.mjs'
import { tellStory } from './story.mjs'

const checks = ['screens', 'settings', 'shots']
const wanted = process.argv.slice(2)

const daemon = await startDaemon({ settings: '[limits]\ncomplaints_per_address_per_minute = 0\n' })
const { ids } = await tellStory(daemon)
const env = { ...process.env, HUIYIN_DAEMON: `${daemon.url} ${daemon.password}`, HUIYIN_STORY: JSON.stringify(ids) }

for (const name of checks.filter((each) => wanted.length === 0 || wanted.includes(each))) {
  const began = Date.now()
  const check = spawn(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url))], { env, stdio: 'inherit' })
  const code = await new Promise((resolve) => check.once('exit', resolve))
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}: ${((Date.now() - began) / 1_000).toFixed(0)} s`)
  if (code !== 0) process.exitCode = 1
}
await daemon.stop()
