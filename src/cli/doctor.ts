import type { Config } from '../config/config.ts'

export async function doctor(_config: Config): Promise<number> {
  throw new Error('not merged yet')
}
