/** A webhook's JSON object. */
export type Payload = { [key: string]: unknown }

const OWNER = { login: 'octo-org', id: 6_811_672, node_id: 'O_kgDOAGfv2A', type: 'Organization', site_admin: false }
const AUTHOR = { login: 'octocat', id: 583_231, node_id: 'MDQ6VXNlcjU4MzIzMQ==', type: 'User', site_admin: false }
const STRANGER = { login: 'hubot', id: 480_938, node_id: 'MDQ6VXNlcjQ4MDkzOA==', type: 'User', site_admin: false }
const HEAD_SHA = '6dcb09b5b57875f334f61aebed695e2e4193db5e'
const BASE_SHA = 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e'
const MERGE_SHA = 'e5bd3914e2e596debea16f433f57875b5b90bcd6'

/**
 * The event of pull request 7 on octo-org/service, as GitHub writes it (links that nobody follows left out).
 * With `fork`, its branch lives in hubot's fork.
 */
export function pullRequestPayload({ fork = false }: { fork?: boolean } = {}): Payload {
  const repository = buildRepository(OWNER, false)
  const author = fork ? STRANGER : AUTHOR
  const headRepository = fork ? buildRepository(STRANGER, true) : repository
  const api = `${repository.url}/pulls/7`
  return {
    action: 'synchronize',
    number: 7,
    before: BASE_SHA,
    after: HEAD_SHA,
    pull_request: {
      url: api,
      id: 2_031_415_926,
      node_id: 'PR_kwDOLCoRWc55FQx2',
      html_url: `${repository.html_url}/pull/7`,
      diff_url: `${repository.html_url}/pull/7.diff`,
      issue_url: `${repository.url}/issues/7`,
      comments_url: `${repository.url}/issues/7/comments`,
      statuses_url: `${repository.url}/statuses/${HEAD_SHA}`,
      number: 7,
      state: 'open',
      locked: false,
      title: 'Serve the new ranking model',
      body: 'Replaces the model; see the load test below.',
      user: author,
      author_association: fork ? 'FIRST_TIME_CONTRIBUTOR' : 'MEMBER',
      created_at: '2026-11-20T09:12:31Z',
      updated_at: '2026-11-22T08:01:02Z',
      closed_at: null,
      merged_at: null,
      merge_commit_sha: MERGE_SHA,
      assignees: [],
      requested_reviewers: [],
      labels: [],
      milestone: null,
      draft: false,
      head: {
        label: `${author.login}:faster-ranking`,
        ref: 'faster-ranking',
        sha: HEAD_SHA,
        user: author,
        repo: headRepository,
      },
      base: { label: `${OWNER.login}:main`, ref: 'main', sha: BASE_SHA, user: OWNER, repo: repository },
      auto_merge: null,
      merged: false,
      mergeable: null,
      mergeable_state: 'unknown',
      comments: 0,
      review_comments: 0,
      maintainer_can_modify: fork,
      commits: 2,
      additions: 120,
      deletions: 31,
      changed_files: 6,
    },
    repository,
    organization: { login: OWNER.login, id: OWNER.id, node_id: OWNER.node_id },
    sender: author,
  }
}

/** The event of a push of one commit to main of octo-org/service. */
export function pushPayload(): Payload {
  const repository = buildRepository(OWNER, false)
  const person = { name: AUTHOR.login, email: 'octocat@github.com', username: AUTHOR.login }
  const commit = {
    id: HEAD_SHA,
    message: 'Serve the new ranking model',
    timestamp: '2026-11-22T08:01:02Z',
    url: `${repository.html_url}/commit/${HEAD_SHA}`,
    author: person,
    committer: person,
    distinct: true,
    added: [],
    removed: [],
    modified: ['k8s/ranking.yaml'],
  }
  return {
    ref: 'refs/heads/main',
    before: BASE_SHA,
    after: HEAD_SHA,
    base_ref: null,
    created: false,
    deleted: false,
    forced: false,
    compare: `${repository.html_url}/compare/${BASE_SHA.slice(0, 12)}...${HEAD_SHA.slice(0, 12)}`,
    commits: [commit],
    head_commit: commit,
    repository,
    pusher: { name: person.name, email: person.email },
    organization: { login: OWNER.login, id: OWNER.id, node_id: OWNER.node_id },
    sender: AUTHOR,
  }
}

/** Lays `overrides` over a payload: objects are merged, anything else is replaced. */
export function withOverrides(payload: Payload, overrides: Payload): Payload {
  const merged = { ...payload }
  for (const [key, value] of Object.entries(overrides)) {
    const own = merged[key]
    merged[key] = isObject(own) && isObject(value) ? withOverrides(own, value) : value
  }
  return merged
}

const isObject = (value: unknown): value is Payload => typeof value === 'object' && value !== null && !Array.isArray(value)

function buildRepository(owner: typeof AUTHOR, fork: boolean) {
  const fullName = `${owner.login}/service`
  return {
    id: fork ? 811_223_344 : 740_912_345,
    node_id: fork ? 'R_kgDOMFpqsA' : 'R_kgDOLCoRWQ',
    name: 'service',
    full_name: fullName,
    private: false,
    owner,
    html_url: `https://github.com/${fullName}`,
    description: 'Ranks things',
    fork,
    url: `https://api.github.com/repos/${fullName}`,
    clone_url: `https://github.com/${fullName}.git`,
    created_at: '2024-01-09T10:11:12Z',
    updated_at: '2026-11-21T17:18:19Z',
    pushed_at: '2026-11-22T08:01:00Z',
    language: 'Python',
    archived: false,
    disabled: false,
    visibility: 'public',
    default_branch: 'main',
  }
}
