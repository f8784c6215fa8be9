import type { FailureKind } from '../pipeline/failure.ts'
import type { CauseCode } from './cause.ts'

/** Why an image cannot be pulled, and whose fault that is. */
export interface ImageTrouble {
  readonly code: Extract<CauseCode, `image-${string}`>
  /** What the registry or the way to it said, without the preambles of kubelet and containerd; may be empty. */
  readonly words: string
  readonly remedy: string
  /** A pull that the registry refused is the reference's fault; one that never got an answer, or was throttled, is not. */
  readonly kind: FailureKind
}

/** The kubelet and containerd each repeat the image's name before they come to the point. */
const preamble =
  /^(?:Back-off pulling image "[^"]*"(?:: |$)|ErrImagePull: |rpc error: code = \w+ desc = |failed to pull and unpack image "[^"]*": |failed to resolve reference "[^"]*": )+/

const throttled = /\b429\b|too ?many ?requests|rate limit/i
const denied = /denied|unauthorized|forbidden|authorization failed|\b40[13]\b/i
const missing = /not found|manifest unknown|invalid reference|couldn't parse image|\b404\b/i

/**
 * Finds out why a kubelet cannot pull an image.
 * @param reason of the waiting container, such as `ErrImagePull`
 * @param message the kubelet's own words
 */
export function imageTrouble(image: string, reason: string, message: string): ImageTrouble {
  const words = message.replace(preamble, '').trim()
  // Names and addresses may hold any word; what the registry said stands outside of them.
  const said = words
    .replaceAll(image, '')
    .replace(/"[^"]*"/g, '')
    .replace(/https?:\/\/\S+/g, '')
    .replace(/sha256:[0-9a-f]+/g, '')
  if (reason === 'ErrImageNeverPull') {
    return { code: 'image-missing', words, kind: 'workload', remedy: 'Load the image into the nodes first, or let them pull it: imagePullPolicy is Never.' }
  }
  if (reason === 'InvalidImageName') return { code: 'image-missing', words, kind: 'workload', remedy: 'Check the image’s name and tag.' }
  if (throttled.test(said)) {
    const remedy = 'The registry throttles this machine. Run the job again later, or name another registry in image-overrides.'
    return { code: 'image-throttled', words, kind: 'infrastructure', remedy }
  }
  if (denied.test(said)) {
    return { code: 'image-denied', words, kind: 'workload', remedy: 'Check the image’s name and tag, and that it may be pulled without a login.' }
  }
  if (missing.test(said)) return { code: 'image-missing', words, kind: 'workload', remedy: 'Check the image’s name and tag: the registry does not know it.' }
  const remedy = 'Check that the nodes reach the registry; run the job again if it was a passing fault.'
  return { code: 'image-unreachable', words, kind: 'infrastructure', remedy }
}
