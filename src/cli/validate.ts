import type { Config } from '../config/config.ts'

export async function validate(_config: Config): Promise<number> {
  throw new Error('not merged yet')
}
