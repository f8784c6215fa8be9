/**
 * The pins of src/config/pins.json and their publishers.
 *
 *   npm run pins         asks for the newest versions, digests and checksums, and rewrites the table
 *   npm run pins:check   compares: exit code 1 when a pinned version has other bytes, 2 when a publisher did not
 *                        answer, else 0; something newer is a warning
 *
 * GITHUB_TOKEN, if set, goes to api.github.com alone, which limits anonymous requests. PINS_STAND_IN is the address of
 * one host that stands in for all publishers: `https://HOST/PATH` is then asked for as `$PINS_STAND_IN/HOST/PATH`.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pinTable } from '../src/config/pins.ts'
import { messageOf } from '../src/pipeline/failure.ts'
import { createAsk } from './pins/ask.ts'
import { checkPins, exitCodeOf } from './pins/check.ts'
import { renewPins } from './pins/renew.ts'

const remedy = 'It needs the internet; behind a proxy set NODE_USE_ENV_PROXY=1. Run it again.'
const ask = createAsk({ standIn: process.env.PINS_STAND_IN || undefined, githubToken: process.env.GITHUB_TOKEN })

async function check(): Promise<number> {
  const found = await checkPins(ask, pinTable)
  for (const line of found.warnings) console.log(`warning: ${line}`)
  for (const line of found.errors) console.error(`error: ${line}`)
  for (const line of found.unanswered) console.error(`no answer: ${line}`)
  if (found.unanswered.length > 0) console.error(`Not every pin could be compared. ${remedy}`)
  return exitCodeOf(found)
}

async function renew(): Promise<number> {
  try {
    const text = `${JSON.stringify(await renewPins(ask, pinTable), null, 2)}\n`
    await writeFile(join(import.meta.dirname, '..', 'src', 'config', 'pins.json'), text)
    console.log('src/config/pins.json is renewed; run: npm run generate && npm run dist && npm run check')
    return 0
  } catch (error) {
    console.error(`${messageOf(error)}\nNothing was changed. ${remedy}`)
    return 2
  }
}

process.exitCode = process.argv.includes('--check') ? await check() : await renew()
