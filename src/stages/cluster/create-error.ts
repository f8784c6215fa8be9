import { Failure, toFailure } from '../../pipeline/failure.ts'
import { type CauseCode, stageFailure } from '../cause.ts'

interface Explanation {
  readonly code: CauseCode
  readonly pattern: RegExp
  readonly remedy: string
  /** Another try can end no better. */
  readonly stays?: true
  /** What stands there was made by somebody else. */
  readonly notOurs?: true
}

/** What kind's and the engines' own words mean, first match wins. */
const explanations: readonly Explanation[] = [
  {
    code: 'name-taken',
    pattern: /node\(s\) already exist for a cluster with the name|container name "[^"]*" is already in use|that name is already in use/i,
    remedy: 'Another run created it meanwhile. Choose another cluster-name for each run on this machine.',
    stays: true,
    notOurs: true,
  },
  {
    code: 'port-taken',
    pattern: /(?:port is already allocated|address already in use|failed to bind host port|ports are not available)/i,
    remedy: 'Stop what listens there, or choose other ports with http-port and https-port.',
    stays: true,
  },
  { code: 'disk-full', pattern: /no space left on device/i, remedy: 'Free disk space on this machine; a cluster needs about 4 GB.', stays: true },
  {
    code: 'image-throttled',
    pattern: /(?:toomanyrequests|429 Too Many Requests|pull rate limit)/i,
    remedy: 'The registry throttles this machine. Run the job again later, or set node-image to a mirror.',
  },
  {
    code: 'image-denied',
    pattern: /(?:pull access denied|requested access to the resource is denied)/i,
    remedy: 'Check node-image and kubernetes-version, and that the image may be pulled without a login.',
    stays: true,
  },
  {
    code: 'image-missing',
    pattern: /(?:manifest unknown|manifest for \S+ not found|invalid reference format)/i,
    remedy: 'Check node-image and kubernetes-version: the registry does not know the image.',
    stays: true,
  },
  {
    code: 'image-unreachable',
    pattern: /no such host/i,
    remedy: 'Check node-image and kubernetes-version, and that this machine reaches the registry.',
    stays: true,
  },
  {
    code: 'image-unreachable',
    pattern: /(?:failed to pull image|unable to copy from source|initializing source)/i,
    remedy: 'Check node-image and kubernetes-version, and that this machine reaches the registry.',
  },
  {
    code: 'kind-config',
    pattern: /(?:unable to decode config|invalid configuration|invalid ipFamily)/i,
    remedy: 'Mend the file that kind-config names; the lines kind speaks of are those of its own copy.',
  },
  {
    code: 'boot-deadline',
    pattern: /could not find a log line that matches/i,
    remedy: 'A node did not boot in time, most often for want of CPU or memory. Run the job again.',
  },
  { code: 'engine-down', pattern: /(?:Cannot connect to the Docker daemon|cannot connect to podman)/i, remedy: 'Start the container engine and run again.' },
  {
    code: 'kind-config',
    pattern: /^ERROR:.*(?:unknown apiVersion|unable to decode config|error converting YAML|invalid configuration|is not a valid)/im,
    remedy: 'Mend what the message names.',
    stays: true,
  },
]

/** A `kind create cluster` that failed. */
export interface CreateError {
  readonly failure: Failure
  /** What stands there was made by somebody else, and is left alone. */
  readonly notOurs: boolean
  /** Another try may end well. */
  readonly passing: boolean
}

/** Makes one sentence in the engine's own words, and a remedy, of a `kind create cluster` that failed. */
export function explainCreateError(error: unknown, { name }: { name: string }): CreateError {
  if (error instanceof Failure) return { failure: error, notOurs: false, passing: false }
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  const known = explanations.find(({ pattern }) => pattern.test(said))
  const words = engineWords(said) ?? kindWords(said) ?? toFailure(error).message
  const node = nodeOf(said)
  const code = known?.code ?? (node === undefined ? 'create-failed' : 'node-not-joined')
  const failure = stageFailure(code, `kind could not create ${name}: ${node ? `node ${node}: ` : ''}${shorten(words)}`, {
    kind: 'infrastructure',
    remedy: known?.remedy ?? 'Run the job again; the artifact holds the nodes’ own logs.',
    evidence: lastWords(said),
    cause: error,
  })
  // A kind that said nothing never ran; there is nothing that could pass.
  return { failure, notOurs: known?.notOurs ?? false, passing: said !== '' && !known?.stays }
}

/** The node inside of which a command of kind failed: one whose kubeadm could not begin, or join the others. */
function nodeOf(said: string): string | undefined {
  return /^ERROR:.*command "\S+ exec (?:--\S+ )*(\S+) kubeadm /m.exec(said)?.[1]
}

/** What the engine said, which kind repeats after "Command Output:"; its last line that speaks of an error. */
function engineWords(said: string): string | undefined {
  const [, output] = said.split(/^Command Output:/m)
  if (output === undefined) return undefined
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const words = lines.findLast((line) => /error|fail|denied/i.test(line)) ?? lines.at(-1)
  return words?.replace(/^(?:docker: )?Error(?: response from daemon)?: /, '')
}

/** The end of what kind and the engine said, without the engine's long command lines. */
function lastWords(said: string): string[] {
  const lines = said.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '' && !/^ERROR:.*command "/.test(line))
    .slice(-6)
    .map((line) => `kind: ${line}`)
}

/** kind's own line, and what it sets off below. */
function kindWords(said: string): string | undefined {
  return /^ERROR:\s*(?:failed to create cluster: )?(.+(?:\n {2}\S.*)*)$/m.exec(said)?.[1]?.replace(/\n */g, ' ')
}

/** Engine errors repeat whole command lines; the end of the line tells. */
function shorten(words: string): string {
  return words.length > 400 ? `…${words.slice(-400)}` : words
}
