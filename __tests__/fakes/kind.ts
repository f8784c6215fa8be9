import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
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
  /** Lets a running `create` go on: to its end, or to a failure with these words on stderr. */
  readonly finish: (failure?: string) => void
  /** Makes the next so many deletions fail. */
  readonly failDeletions: (times: number) => void
}

/** Writes the fixture into a folder. `create` runs until `finish` is called. */
export async function writeKind(folder: string): Promise<KindFixture> {
  const state = join(folder, 'kind-state')
  mkdirSync(join(state, 'clusters'), { recursive: true })
  const file = (name: string) => join(state, name)
  const path = await writeProgram(
    folder,
    'kind',
    `
const state = (name) => ${JSON.stringify(`${state}/`)} + name
const read = (name) => { try { return fs.readFileSync(state(name), 'utf8') } catch { return undefined } }
const flag = (name) => args[args.indexOf(name) + 1]
const fail = (words) => { complain(words + '\\n'); process.exit(1) }
const cluster = () => state('clusters/' + flag('--name'))
const commands = {
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
    complain(' \\u2713 Ensuring node image (kindest/node) 🖼\\n \\u2022 Preparing nodes 📦 📦 📦   ...\\n')
    const timer = setInterval(() => {
      const finish = read('finish')
      if (finish === undefined) return
      clearInterval(timer)
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
    finish: (failure = '') => replace(file('finish'), failure),
    failDeletions: (times) => replace(file('fail-deletions'), String(times)),
  }
}

/** The program polls these files and must never meet half of one. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}
