import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, problem } from './github-answer.ts'
import { sampleOf } from './github-sample.ts'
import { pageLinks } from './github-threads.ts'
import { serveOnLoopback } from './loopback.ts'
import type { MatchedOperation } from './openapi.ts'

/** A pull request that is there. */
export interface SeedPull {
  number: number
  /** `owner:branch`. */
  head: string
  /** `owner/name`. */
  headRepository: string
  headSha: string
  /** Default `open`. */
  state?: 'open' | 'closed'
}

/** An artifact of a run. */
export interface SeedArtifact {
  id: number
  runId: number
  name: string
  /** What the store sends: the bytes, or what it does with the request. */
  content: Uint8Array | ((response: ServerResponse) => void)
  /** What GitHub says of its size. Default: the real one. */
  sizeBytes?: number
  expired?: boolean
}

/** What the blob store was asked with, and by whom. */
export interface StoreRequest {
  path: string
  headers: IncomingMessage['headers']
}

/** Pull requests, and artifacts with a blob store on a port of its own that GitHub redirects to. */
export async function startRuns({ pulls, artifacts, apiUrl, linkRoot }: { pulls: SeedPull[]; artifacts: SeedArtifact[]; apiUrl: string; linkRoot: string }) {
  const asked: StoreRequest[] = []
  const store = await serveOnLoopback((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers })
    const found = artifacts.find(({ id }) => request.url === `/blob/${id}?sig=secret`)
    if (!found) response.writeHead(404).end()
    else if (typeof found.content === 'function') found.content(response)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(found.content)
  })

  function answer({ name, path, query }: MatchedOperation, search: string): Answer | undefined {
    if (name === 'GET /repos/{owner}/{repo}/pulls') {
      const state = query.state ?? 'open'
      const found = pulls.filter((pull) => (query.head === undefined || pull.head === query.head) && (state === 'all' || (pull.state ?? 'open') === state))
      return listed(found.map(pullRequest), query, `${linkRoot}/pulls${search}`)
    }
    if (name === 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts') {
      const found = artifacts.filter((artifact) => artifact.runId === path.run_id && (query.name === undefined || artifact.name === query.name))
      const page = listed(found.map(artifactBody), query, `${linkRoot}/actions/runs/${path.run_id}/artifacts${search}`)
      return { ...page, body: { total_count: found.length, artifacts: page.body } }
    }
    if (name === 'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}') {
      const found = artifacts.find(({ id }) => id === path.artifact_id)
      if (!found) return problem(404, 'Not Found')
      if (found.expired) return problem(410, 'Artifact has expired')
      return { status: 302, headers: { location: `${store.url}/blob/${found.id}?sig=secret` } }
    }
    return undefined
  }

  function artifactBody({ id, name, content, sizeBytes, expired = false, runId }: SeedArtifact) {
    const url = `${apiUrl}/repos/octo-org/service/actions/artifacts/${id}`
    return {
      ...sampleOf('artifact'),
      id,
      name,
      size_in_bytes: sizeBytes ?? (typeof content === 'function' ? 1000 : content.length),
      url,
      archive_download_url: `${url}/zip`,
      expired,
      workflow_run: { id: runId },
    }
  }

  return {
    answer,
    asked,
    close: store.close,
  }
}

function pullRequest({ number, head, headRepository, headSha, state = 'open' }: SeedPull) {
  const [, ref = ''] = head.split(':')
  return {
    ...sampleOf('pull-request-simple'),
    number,
    state,
    head: { label: head, ref, sha: headSha, user: null, repo: { ...sampleOf('repository'), full_name: headRepository } },
  }
}

function listed(all: readonly object[], query: Record<string, unknown>, address: string): Answer {
  const perPage = Math.min(Math.max(Number(query.per_page), 1), 100)
  const page = Math.max(Number(query.page), 1)
  const link = pageLinks(new URL(address), page, Math.max(Math.ceil(all.length / perPage), 1))
  return { status: 200, body: all.slice((page - 1) * perPage, page * perPage), headers: link === '' ? {} : { link } }
}
