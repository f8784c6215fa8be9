import { Failure, toFailure } from '../../pipeline/failure.ts'

/** What kind's and the engines' own words mean, first match wins. */
const explanations: readonly { pattern: RegExp; remedy: string; notOurs?: true }[] = [
  {
    pattern: /node\(s\) already exist for a cluster with the name|container name "[^"]*" is already in use|that name is already in use/i,
    remedy: 'Another run created it meanwhile. Choose another cluster-name for each run on this machine.',
    notOurs: true,
  },
  {
    pattern: /(?:port is already allocated|address already in use|failed to bind host port|ports are not available)/i,
    remedy: 'Stop what listens there, or choose other ports with http-port and https-port.',
  },
  { pattern: /no space left on device/i, remedy: 'Free disk space on this machine; a cluster needs about 4 GB.' },
  {
    pattern: /(?:toomanyrequests|429 Too Many Requests|pull rate limit)/i,
    remedy: 'The registry throttles this machine. Run the job again later, or set node-image to a mirror.',
  },
  {
    pattern: /(?:failed to pull image|manifest unknown|pull access denied|unable to copy from source|initializing source)/i,
    remedy: 'Check node-image and kubernetes-version, and that this machine reaches the registry.',
  },
  {
    pattern: /(?:unable to decode config|invalid configuration|invalid ipFamily)/i,
    remedy: 'Mend the file that kind-config names; the lines kind speaks of are those of its own copy.',
  },
  { pattern: /could not find a log line that matches/i, remedy: 'A node did not boot in time, most often for want of CPU or memory. Run the job again.' },
  { pattern: /(?:Cannot connect to the Docker daemon|cannot connect to podman)/i, remedy: 'Start the container engine and run again.' },
]

/** Makes one sentence in the engine's own words, and a remedy, of a `kind create cluster` that failed. */
export function explainCreateError(error: unknown, { name }: { name: string }): { failure: Failure; notOurs: boolean } {
  if (error instanceof Failure) return { failure: error, notOurs: false }
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  const known = explanations.find(({ pattern }) => pattern.test(said))
  const words = engineWords(said) ?? kindWords(said) ?? toFailure(error).message
  const failure = new Failure(`kind could not create ${name}: ${shorten(words)}`, {
    kind: 'infrastructure',
    remedy: known?.remedy ?? 'Run the job again; the artifact holds the nodes’ own logs.',
    cause: error,
  })
  return { failure, notOurs: known?.notOurs ?? false }
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

/** kind's own line, and what it sets off below. */
function kindWords(said: string): string | undefined {
  return /^ERROR:\s*(?:failed to create cluster: )?(.+(?:\n {2}\S.*)*)$/m.exec(said)?.[1]?.replace(/\n */g, ' ')
}

/** Engine errors repeat whole command lines; the end of the line tells. */
function shorten(words: string): string {
  return words.length > 400 ? `…${words.slice(-400)}` : words
}
