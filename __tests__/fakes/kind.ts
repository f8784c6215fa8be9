import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Call, callsOf, writeProgram } from './programs.ts'

/** A fixture of kind: its clusters are files in a folder. */
export interface KindFixture {
  /** Path of the program. */
  readonly path: string
  /** How it was started, in order. */
  readonly calls: () => Call[]
  /** The clusters there are. */
  readonly clusters: () => string[]
  /** Makes a cluster of somebody else. */
  readonly addCluster: (name: string) => void
  /** Gives the control plane its kubeconfig; before, `get kubeconfig` fails as it does while a node boots. */
  readonly boot: (kubeconfig: string) => void
  /** Lets a running `create` go on: to its end, or to a failure with these words on stderr; `once` is for the one that runs. */
  readonly finish: (failure?: string, options?: { once?: boolean }) => void
  /** Lets `create` run until it is told otherwise. */
  readonly unfinish: () => void
  /** What `create` does beside, as a script: it may use `path`, `flag`, `cluster`, `fail` and `callsOfCreate`. */
  readonly onCreate: (script: string) => void
  /** What `export logs` does beside, likewise. */
  readonly onExport: (script: string) => void
  /** Makes the next so many deletions fail. */
  readonly failDeletions: (times: number) => void
  /** Makes the engine have a container of a cluster that kind does not know of. */
  readonly addNode: (cluster: string, container: string) => void
  /** The containers the engine has. */
  readonly nodes: () => string[]
}

/** A docker that answers, and has the clusters' control planes; other containers are files that hold the name of their cluster. */
const docker = (state: string) => `
const containers = ${JSON.stringify(`${state}/containers/`)}
const clusters = ${JSON.stringify(`${state}/clusters/`)}
const controlPlane = '-control-plane'
switch (args[0]) {
  case 'version':
    say(JSON.stringify({ Version: '29.4.0' }))
    break
  case 'ps': {
    const cluster = args[args.indexOf('--filter') + 1].replace('label=io.x-k8s.kind.cluster=', '')
    const left = fs.readdirSync(containers).filter((name) => fs.readFileSync(containers + name, 'utf8') === cluster)
    const whole = fs.existsSync(clusters + cluster) ? [cluster + controlPlane] : []
    for (const name of [...whole, ...left]) say(name + '\\n')
    break
  }
  case 'rm':
    for (const name of args.filter((arg) => !arg.startsWith('-')).slice(1)) {
      fs.rmSync(containers + name, { force: true })
      if (name.endsWith(controlPlane)) fs.rmSync(clusters + name.slice(0, -controlPlane.length), { force: true })
    }
    break
}
`

/** Writes the fixture into a folder, and a docker beside it. `create` runs until `finish` is called. */
export async function writeKind(folder: string): Promise<KindFixture> {
  const state = join(folder, 'kind-state')
  for (const name of ['clusters', 'containers']) mkdirSync(join(state, name), { recursive: true })
  await writeProgram(folder, 'docker', docker(state))
  const file = (name: string) => join(state, name)
  const path = await writeProgram(
    folder,
    'kind',
    `
const state = (name) => ${JSON.stringify(`${state}/`)} + name
const read = (name) => { try { return fs.readFileSync(state(name), 'utf8') } catch { return undefined } }
const flag = (name) => args[args.indexOf(name) + 1]
const path = require('node:path')
const callsOfCreate = () => fs.readFileSync(__filename + '.calls', 'utf8').split('\\n').filter((line) => line.includes('"create"')).length
const fail = (words) => { complain(words + '\\n'); process.exit(1) }
const cluster = () => state('clusters/' + flag('--name'))
const commands = {
  'version --quiet': () => say('0.33.0\\n'),
  'get clusters': () => {
    const names = fs.readdirSync(state('clusters'))
    if (names.length > 0) say(names.join('\\n') + '\\n')
  },
  'get kubeconfig': () => {
    if (!fs.existsSync(cluster())) fail('ERROR: could not locate any control plane nodes for cluster named \\'' + flag('--name') + '\\'')
    const text = read('kubeconfig')
    if (text === undefined) fail('ERROR: failed to get cluster internal kubeconfig: command "docker exec --privileged control-plane cat /etc/kubernetes/admin.conf" failed with error: exit status 1')
    say(text)
  },
  'create cluster': () => {
    if (fs.existsSync(cluster())) fail('ERROR: failed to create cluster: node(s) already exist for a cluster with the name "' + flag('--name') + '"')
    complain('Creating cluster "' + flag('--name') + '" ...\\n \\u2022 Ensuring node image (kindest/node) 🖼  ...\\n')
    fs.writeFileSync(cluster(), '')
    eval(read('on-create') ?? '')
    complain(' \\u2713 Ensuring node image (kindest/node) 🖼\\n \\u2022 Preparing nodes 📦 📦 📦   ...\\n')
    const timer = setInterval(() => {
      const finish = read('finish')
      if (finish === undefined) return
      clearInterval(timer)
      if (read('finish-once') !== undefined) {
        fs.rmSync(state('finish'))
        fs.rmSync(state('finish-once'))
      }
      if (finish !== '') fail(finish)
      fs.writeFileSync(flag('--kubeconfig'), read('kubeconfig') ?? '')
    }, 5)
  },
  'delete cluster': () => {
    const left = Number(read('fail-deletions') ?? 0)
    fs.writeFileSync(state('fail-deletions'), String(left - 1))
    if (left > 0) fail('ERROR: failed to delete cluster "' + flag('--name') + '": failed to delete nodes: command "podman rm -f -v" failed with error: exit status 2')
    fs.rmSync(cluster(), { force: true })
    complain('Deleting cluster "' + flag('--name') + '" ...\\n')
  },
  'export logs': () => {
    fs.mkdirSync(args[2] + '/control-plane', { recursive: true })
    fs.writeFileSync(args[2] + '/control-plane/kubelet.log', 'kubelet\\n')
    eval(read('on-export') ?? '')
  },
}
const command = commands[args.slice(0, 2).join(' ')]
if (!command) fail('ERROR: unknown command ' + args.join(' '))
command()
`,
  )
  return {
    path,
    calls: () => callsOf(path),
    clusters: () => readdirSync(file('clusters')),
    addCluster: (name) => writeFileSync(file(`clusters/${name}`), ''),
    boot: (kubeconfig) => replace(file('kubeconfig'), kubeconfig),
    finish: (failure = '', { once = false } = {}) => {
      if (once) replace(file('finish-once'), '')
      replace(file('finish'), failure)
    },
    unfinish: () => rmSync(file('finish'), { force: true }),
    onCreate: (script) => replace(file('on-create'), script),
    onExport: (script) => replace(file('on-export'), script),
    failDeletions: (times) => replace(file('fail-deletions'), String(times)),
    addNode: (cluster, container) => writeFileSync(file(`containers/${container}`), cluster),
    nodes: () => readdirSync(file('containers')),
  }
}

/** The program polls these files and must never meet half of one. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}
