import { retold } from '../cause.ts'
import { type CreateError, explainCreateError } from './create-error.ts'
import type { ClusterOptions, Kind } from './stage.ts'

export interface CreateContext {
  readonly signal: AbortSignal
  readonly progress: (message: string) => void
  readonly warn: (message: string) => void
  /** Whether nobody uses yet what there is of the cluster. */
  readonly mayRemove: () => boolean
  /** Told when a half-made cluster is being deleted for another try. */
  readonly onRemoval: (removal: Promise<void>) => void
}

/**
 * Creates the cluster; after a failure that may pass, once more on clean ground. Creates of several nodes fail now and
 * then upstream, and hosts are busy.
 * @returns null, or why there is none
 */
export async function createTwice(options: ClusterOptions, kind: Kind, context: CreateContext): Promise<CreateError | null> {
  const { signal, progress, warn } = context
  const first = await createOnce(options, kind, context)
  if (!first?.passing || signal.aborted || !context.mayRemove()) return first
  progress(`trying once more: ${first.failure.message}`)
  const removal = kind.remove(options.name, options.kubeconfig, signal)
  context.onRemoval(removal)
  try {
    await removal
  } catch {
    return first // What is in the way now is a consequence.
  }
  const second = await createOnce(options, kind, context)
  if (second === null) {
    warn(`The cluster was created at the second try. The first: ${first.failure.message}`)
    return null
  }
  if (signal.aborted) return second
  const { message } = second.failure
  const twice = message === first.failure.message ? 'at the second try, too' : `at the second try; at the first: ${first.failure.message}`
  return { ...second, failure: retold(second.failure, { message: `${message} (${twice})` }) }
}

async function createOnce(options: ClusterOptions, kind: Kind, { signal, progress }: CreateContext): Promise<CreateError | null> {
  const { name, config, kubeconfig } = options
  const onLine = (line: string) => {
    const step = stepOf(line)
    if (step) progress(`kind: ${step}`)
  }
  try {
    await kind.create({ name, config, kubeconfig, onLine }, signal)
    return null
  } catch (error) {
    return explainCreateError(error, options)
  }
}

/** What kind is doing, without its decoration. */
function stepOf(line: string): string | undefined {
  return /[✓•✗]\s*(.+?)[\s.]*$/u
    .exec(line)?.[1]
    ?.replace(/[^\x20-\x7e]/g, '')
    .replace(/[\s.]+$/, '')
}
