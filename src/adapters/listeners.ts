import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'

/**
 * Who listens at TCP ports of this machine, as `nginx (pid 42)`, as far as /proc tells: processes of other users
 * and other systems than Linux stay unknown.
 */
export async function listenersOf(ports: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')))
  const portOf = new Map(tables.flatMap((table) => listeningSockets(table)).filter(([, port]) => ports.includes(port)))
  const listeners = new Map<number, string>()
  if (portOf.size === 0) return listeners
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const links = await linksOf(`/proc/${pid}/fd`)
    for (const link of links) {
      const port = portOf.get(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '')
      if (port === undefined || listeners.has(port)) continue
      // Of its arguments no more than the first, the program: the others may be secrets.
      const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
      listeners.set(port, `${basename(program) || 'a process'} (pid ${pid})`)
    }
  }
  return listeners
}

/** Inode and port of every socket of such a table that listens. Source: Documentation/networking/proc_net_tcp.rst of Linux. */
function listeningSockets(table: string): [inode: string, port: number][] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local = '', , state, , , , , , inode]) =>
      state === '0A' && inode !== undefined ? [[inode, Number.parseInt(local.split(':')[1] ?? '', 16)] as [string, number]] : [],
    )
}

async function linksOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
}
