/** The part of GitHub's issue comment that a test looks at; the server sends many more fields. */
export interface Comment {
  id: number
  node_id: string
  url: string
  html_url: string
  issue_url: string
  body: string
  /** ISO 8601 to the second, as GitHub writes it. */
  created_at: string
  updated_at: string
  author_association: string
  user: { login: string; type: string } & Record<string, unknown>
  performed_via_github_app: Record<string, unknown> | null
}

/** Where a comment lives: the server's own root (`apiUrl`), `owner/name` and the number of the pull request. */
export interface CommentPlace {
  apiUrl: string
  repository: string
  issueNumber: number
}

/** Builds a complete comment as GitHub's REST API answers it. A login that ends in `[bot]` is an app's. */
export function buildComment(place: CommentPlace, id: number, login: string, body: string, at: Date): Comment {
  const { apiUrl, repository, issueNumber } = place
  const issueUrl = `${apiUrl}/repos/${repository}/issues/${issueNumber}`
  const time = timestamp(at)
  return {
    id,
    node_id: `IC_${id}`,
    url: `${apiUrl}/repos/${repository}/issues/comments/${id}`,
    html_url: `https://github.com/${repository}/pull/${issueNumber}#issuecomment-${id}`,
    issue_url: issueUrl,
    body,
    created_at: time,
    updated_at: time,
    author_association: login.endsWith('[bot]') ? 'NONE' : 'CONTRIBUTOR',
    user: buildUser(apiUrl, login),
    performed_via_github_app: login.endsWith('[bot]') ? buildApp(apiUrl, login) : null,
  }
}

/** ISO 8601 without fractions: GitHub's times have whole seconds. */
export function timestamp(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}

function buildUser(apiUrl: string, login: string): Comment['user'] {
  const url = `${apiUrl}/users/${encodeURIComponent(login)}`
  const id = numberOf(login)
  const isApp = login.endsWith('[bot]')
  return {
    login,
    id,
    node_id: `${isApp ? 'BOT' : 'U'}_${id}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: isApp ? `https://github.com/apps/${slug(login)}` : `https://github.com/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: isApp ? 'Bot' : 'User',
    site_admin: false,
  }
}

function buildApp(apiUrl: string, login: string): Record<string, unknown> {
  return {
    id: numberOf(slug(login)),
    slug: slug(login),
    node_id: `A_${numberOf(slug(login))}`,
    owner: buildUser(apiUrl, 'github'),
    name: slug(login),
    description: 'Automate your workflow from idea to production',
    external_url: 'https://help.github.com/en/actions',
    html_url: `https://github.com/apps/${slug(login)}`,
    created_at: '2018-07-30T09:30:17Z',
    updated_at: '2024-04-10T20:33:16Z',
    permissions: { issues: 'write', metadata: 'read' },
    events: ['issue_comment', 'pull_request'],
  }
}

const slug = (login: string) => login.replace('[bot]', '')

/** A steady number for a name, so that ids are the same in every run. */
function numberOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 100_000_000, 7)
}
