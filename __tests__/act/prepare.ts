import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { copyAction } from './action-copy.ts'
import { writeNodeWrapper } from './node-wrapper.ts'
import type { ActOptions } from './options.ts'
import { pullRequestPayload, pushPayload, withOverrides } from './payload.ts'
import { ACTION, buildWorkflow, runnerEnvironment } from './workflow.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const NODE = join(ROOT, 'node_modules', '.bin', 'node')

/**
 * Writes everything act reads into `folder`: the workflow, the event, the environment, the secrets, the repository that
 * uses the action and the action itself. Returns act's arguments and environment, and how to find the action's process.
 */
export async function prepare(options: ActOptions, folder: string, trackingId: string, resultFile: string) {
  const { event = 'pull_request', fork = false, githubApiUrl = 'http://127.0.0.1:9' } = options
  const payload = withOverrides(event === 'push' ? pushPayload() : pullRequestPayload({ fork }), options.payload ?? {})
  const stepEnv = {
    RUNNER_TEMP: options.runnerTemp ?? join(folder, 'temp'),
    RUNNER_TOOL_CACHE: options.toolCache ?? join(folder, 'tools'),
  }
  const actionEnv = options.resultsEnv && {
    ACTIONS_RESULTS_URL: options.resultsEnv.ACTIONS_RESULTS_URL,
    ACTIONS_RUNTIME_TOKEN: `\${{ secrets.ACTIONS_RUNTIME_TOKEN }}`,
  }
  const workflow = buildWorkflow({
    event,
    with: options.with ?? {},
    matrix: options.matrix,
    continueOnError: options.continueOnError ?? false,
    extraSteps: options.extraSteps ?? [],
    stepEnv,
    actionEnv: actionEnv ?? {},
    resultFile,
  })

  const binDir = join(folder, 'bin')
  const [workspace, action, home] = [join(folder, 'workspace'), join(folder, 'action'), join(folder, 'home')]
  const folders = [binDir, workspace, action, home, ...Object.values(stepEnv)]
  await Promise.all(folders.map((path) => mkdir(path, { recursive: true })))
  // Programs of the steps that ask for `node` get the same one as the action, and nothing else of node_modules/.bin.
  await symlink(NODE, join(binDir, 'node'))
  const wrapper = await writeNodeWrapper(folder, NODE)
  const path = [binDir, process.env.PATH ?? ''].join(delimiter)
  const write = async (name: string, text: string): Promise<string> => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  const environment = { PATH: path, ...runnerEnvironment(payload, trackingId, githubApiUrl), ...options.env }
  // In files, so that no secret is in an argument list.
  const secrets = {
    GITHUB_TOKEN: options.token ?? 'ghs_of-the-act-harness',
    ...(options.resultsEnv && { ACTIONS_RUNTIME_TOKEN: options.resultsEnv.ACTIONS_RUNTIME_TOKEN }),
  }
  const files = Object.entries(options.files ?? {}).map(([name, text]) => write(join('workspace', name), text))
  await Promise.all([copyAction(options.actionDir ?? ROOT, action), write('workspace/README.md', '# service\n'), ...files])

  const args = [
    event,
    '--json',
    ...['--platform', 'ubuntu-latest=-self-hosted'],
    ...['--directory', workspace],
    ...['--workflows', await write('pipeline.yml', stringify(workflow))],
    ...['--eventpath', await write('event.json', JSON.stringify(payload, null, 2))],
    ...['--env-file', await write('env.yml', stringify(environment))],
    ...['--secret-file', await write('secrets.yml', stringify(secrets))],
    ...['--actor', (payload.sender as { login: string }).login],
    ...['--local-repository', `${ACTION}=${action}`],
    ...['--action-cache-path', join(folder, 'cache')],
    ...['--action-offline-mode', '--pull=false', '--no-cache-server'],
    ...(options.unmasked ? ['--insecure-secrets'] : []),
  ]
  // act hands its own environment on to the steps: keep it short. It asks a server for news unless told not to, and
  // looks for a docker socket (and sets DOCKER_HOST to it) unless DOCKER_HOST is there.
  const own = {
    HOME: home,
    PATH: [wrapper.binDir, path].join(delimiter),
    ACT_DISABLE_VERSION_CHECK: '1',
    DOCKER_HOST: '',
  }
  return { args, environment: own, nodePid: wrapper.runningPid }
}
