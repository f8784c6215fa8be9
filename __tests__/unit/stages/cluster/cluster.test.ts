import { describe, expect, test } from '@jest/globals'
import { kindConfig } from '../../../../src/stages/cluster/cluster.ts'

describe('kind’s configuration', () => {
  test('of the default cluster', () => {
    const ports = [
      { hostPort: 80, nodePort: 80 },
      { hostPort: 30080, nodePort: 30080 },
    ]
    expect(kindConfig({ workers: 2, image: 'node:1', ports })).toMatchInlineSnapshot(`
{
  "apiVersion": "kind.x-k8s.io/v1alpha4",
  "kind": "Cluster",
  "networking": {
    "podSubnet": "10.244.0.0/16",
    "serviceSubnet": "10.96.0.0/12",
  },
  "nodes": [
    {
      "extraPortMappings": [
        {
          "containerPort": 80,
          "hostPort": 80,
          "listenAddress": "127.0.0.1",
          "protocol": "TCP",
        },
        {
          "containerPort": 30080,
          "hostPort": 30080,
          "listenAddress": "127.0.0.1",
          "protocol": "TCP",
        },
      ],
      "image": "node:1",
      "labels": {
        "ingress-ready": "true",
      },
      "role": "control-plane",
    },
    {
      "image": "node:1",
      "role": "worker",
    },
    {
      "image": "node:1",
      "role": "worker",
    },
  ],
}
`)
  })

  test.each([0, 1, 10])('with %d workers has one control plane', (workers) => {
    const { nodes } = kindConfig({ workers, image: 'node:1', ports: [] }) as { nodes: { role: string }[] }
    expect(nodes.map(({ role }) => role)).toEqual(['control-plane', ...Array.from({ length: workers }, () => 'worker')])
  })

  test('leads another port of the host to the same port of the node', () => {
    const { nodes } = kindConfig({ workers: 0, image: 'node:1', ports: [{ hostPort: 8080, nodePort: 80 }] }) as { nodes: { extraPortMappings: object[] }[] }
    expect(nodes[0]?.extraPortMappings).toEqual([{ hostPort: 8080, containerPort: 80, listenAddress: '127.0.0.1', protocol: 'TCP' }])
  })

  test('leaves a free port to the engine, for one that kind finds may be taken by another run meanwhile', () => {
    const { nodes } = kindConfig({ workers: 0, image: 'node:1', ports: [{ hostPort: 0, nodePort: 80 }] }) as { nodes: { extraPortMappings: object[] }[] }
    expect(nodes[0]?.extraPortMappings).toMatchObject([{ hostPort: -1, containerPort: 80 }])
  })

  test('patches nothing: patches that name a version break from minor to minor', () => {
    expect(JSON.stringify(kindConfig({ workers: 2, image: 'node:1', ports: [] }))).not.toMatch(/patch/i)
  })
})
