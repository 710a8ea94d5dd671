// What screens cost, the list and the keyboard; registration and settings; each page in its looks; hostile words. Two at once;
// arguments choose among them; all run, whatever fails.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const wanted = process.argv.slice(2)
const waiting = ['screens', 'xss', 'shots', 'settings'].filter((name) => wanted.length === 0 || wanted.includes(name))

async function run(name) {
  const began = Date.now()
  const check = spawn(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url))])
  let said = ''
  for (const pipe of [check.stdout, check.stderr]) pipe.setEncoding('utf8').on('data', (text) => (said += text))
  const code = await new Promise((resolve) => check.once('close', resolve))
  console.log(`${said}${code === 0 ? 'ok  ' : 'FAIL'} ${name}: ${((Date.now() - began) / 1_000).toFixed(0)} s`)
  if (code !== 0) process.exitCode = 1
}

await Promise.all(Array.from({ length: 2 }, async () => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await run(name)
}))
