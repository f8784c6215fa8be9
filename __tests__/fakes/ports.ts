/**
 * Preloaded into a run on fakes: the fixed ports of a run lead to the fakes' free ones, so that no test needs a port
 * that something else on this machine may have. `MLOPS_TEST_PORTS` says which lead where, as JSON.
 */
import net from 'node:net'

const ports = JSON.parse(process.env.MLOPS_TEST_PORTS ?? '{}') as Record<string, number>

type Target = { port?: number | string } | undefined

function redirected(args: unknown[], to: (port: number) => number): unknown[] {
  // Node itself hands over its arguments as one array.
  const list = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  const target = list[0] as Target
  if (target?.port !== undefined && String(target.port) in ports) list[0] = { ...target, port: to(Number(target.port)) }
  return args
}

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (this: net.Socket, ...args: never[]) {
  return connect.apply(this, redirected(args, (port) => ports[port] as number) as never)
} as typeof connect

// Asking whether a port is free: for us it always is.
const { listen } = net.Server.prototype
net.Server.prototype.listen = function (this: net.Server, ...args: never[]) {
  return listen.apply(this, redirected(args, () => 0) as never)
} as typeof listen
