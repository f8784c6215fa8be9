import { type Check, ok, problem, unknown, warning } from './check.ts'

const providers = ['docker', 'podman']

export const engineCheck: Check = {
  name: 'engine',
  title: 'Container engine',
  rulesOut: 'cluster',
  look: ({ engine, provider }) => {
    // Its own check says so.
    if (provider !== null && !providers.includes(provider)) return unknown(`none is asked while KIND_EXPERIMENTAL_PROVIDER is ${provider}`)
    if (!engine) return unknown('docker and podman did not say in time', 'Try “docker version” and “podman info”.')
    if ('failure' in engine) return problem(engine.failure, engine.remedy ?? 'Start Docker or podman.')
    return ok(`${engine.name} ${engine.version ?? '(version unknown)'}${engine.rootless ? ', rootless' : ''}`)
  },
}

export const providerCheck: Check = {
  name: 'provider',
  title: 'KIND_EXPERIMENTAL_PROVIDER',
  rulesOut: 'cluster',
  look: ({ provider }) => {
    if (provider === null) return ok('not set: docker, else podman')
    if (providers.includes(provider)) return ok(provider)
    return problem(`${provider}, which this pipeline does not know`, 'Unset it, or set it to docker or podman.')
  },
}

export const remoteEngineCheck: Check = {
  name: 'engine-host',
  title: 'Engine on this machine',
  rulesOut: 'cluster',
  look: ({ engine }) => {
    if (!engine || 'failure' in engine) return unknown('no engine to ask')
    if (engine.remoteHost === null) return ok('yes')
    const way = engine.name === 'docker' ? 'Unset DOCKER_HOST or leave its context (“docker context use default”)' : 'Unset CONTAINER_HOST'
    return problem(`no, on ${engine.remoteHost}: the cluster’s ports open there, not on 127.0.0.1`, `${way} to use an engine of this machine, or run there.`)
  },
}

export const rootlessCheck: Check = {
  name: 'rootless',
  title: 'Rootless engine',
  rulesOut: 'cluster',
  look: ({ engine }) => {
    if (!engine || 'failure' in engine) return unknown('no engine to ask')
    if (engine.rootless === null) return unknown(`${engine.name} does not say whether it is rootless`)
    if (!engine.rootless) return ok('no')
    if (engine.cgroupVersion === 1) {
      return problem('yes, with cgroups version 1, where kind cannot work without root', `Use a machine with cgroups version 2, or run ${engine.name} as root.`)
    }
    // https://kind.sigs.k8s.io/docs/user/rootless/
    const missing = engine.missingControllers
    if (missing === null || engine.cgroupVersion === null) return warning('yes, and it does not tell what it may limit', delegation)
    if (missing.length > 0) return problem(`yes, without the cgroup controllers ${missing.join(', ')}`, delegation)
    return ok('yes, with cgroups version 2 and what kind needs delegated')
  },
}

const delegation = 'Set Delegate=yes in /etc/systemd/system/user@.service.d/delegate.conf, “sudo systemctl daemon-reload”, and log in again.'

export const clusterCheck: Check = {
  name: 'existing-cluster',
  title: 'Cluster name',
  rulesOut: 'cluster',
  look: ({ clusters, engine }, { clusterName }) => {
    if (!clusters) return unknown(!engine || 'failure' in engine ? 'no engine to ask' : 'kind is not here to ask')
    if (!clusters.includes(clusterName)) return ok(`${clusterName} is free`)
    return problem(
      `a cluster ${clusterName} exists, and a run never touches it`,
      `“kind delete cluster --name ${clusterName}”, or choose another with --cluster-name.`,
    )
  },
}
