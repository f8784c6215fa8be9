import { HttpClient } from '@actions/http-client'
import type { DownloadFacts } from '../doctor/facts.ts'
import { messageOf } from '../pipeline/failure.ts'
import { withDeadline } from '../pipeline/race.ts'
import { stageFailure } from '../stages/cause.ts'
import { type ToolName, toolSource } from '../stages/tools/tool.ts'
import { currentPlatform } from './tool-cache.ts'

/**
 * Asks whether a program's download is there: one HEAD, through the proxy if there is one. A redirect is not followed.
 * @returns null where the program does not exist for this platform
 * @throws the signal's reason when aborted
 */
export async function askDownload(
  name: ToolName,
  version: string,
  mirror: string | undefined,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<DownloadFacts | null> {
  const platform = currentPlatform()
  if (!platform) return null
  const { url } = toolSource(name, version, platform, mirror)
  const { host } = new URL(url)
  const client = new HttpClient('mlops-pipeline-action', [], { allowRetries: false, allowRedirects: false, socketTimeout: timeoutMs })
  try {
    const { message } = await withDeadline(
      timeoutMs,
      signal,
      () => client.head(url),
      () => stageFailure('download-failed', `no answer within ${timeoutMs / 1000} s`, { kind: 'infrastructure' }),
    )
    message.destroy()
    return { host, status: message.statusCode ?? null, trouble: null }
  } catch (error) {
    signal.throwIfAborted()
    return { host, status: null, trouble: wordsOf(error as NodeJS.ErrnoException) }
  } finally {
    client.dispose()
  }
}

/** Why a connection failed, without the host's name, so that hosts with the same trouble can be told together. */
function wordsOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no DNS answer'
    case 'ECONNREFUSED':
      return 'connection refused'
    default:
      // Several failed connections are one error without words.
      return messageOf(error) || String(error.code ?? 'no answer')
  }
}
