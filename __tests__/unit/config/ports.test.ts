import { describe, expect, test } from '@jest/globals'
import { resolveConfig } from '../../../src/config/config.ts'
import { addressOf } from '../../../src/config/ports.ts'

function read(inputs: Readonly<Record<string, string>>) {
  return resolveConfig({ inputs, env: {}, services: ['foo', 'bar'] }).config
}

describe('the ports of a cluster of our own', () => {
  test('are the ingress’ two and the NodePorts, all on the control plane', () => {
    expect(read({}).ports.map(({ hostPort, nodePort, input }) => `${hostPort}:${nodePort} ${input}`)).toEqual([
      '80:80 http-port',
      '443:443 https-port',
      '30080:30080 NodePort of a service',
      '30081:30081 NodePort of a service',
    ])
    expect(new Set(read({}).ports.map(({ node }) => node))).toEqual(new Set(['control-plane']))
  })

  test.each<[string, Readonly<Record<string, string>>, number[]]>([
    ['others than 80 and 443', { 'http-port': '8080', 'https-port': '8443' }, [8080, 8443, 30080, 30081]],
    ['a free http-port frees all others: two runs must not meet at one of them', { 'http-port': '0' }, [0, 0, 0, 0]],
    ['but an https-port that was asked for stays', { 'http-port': '0', 'https-port': '443' }, [0, 443, 0, 0]],
    ['a NodePort’s number too, which is free then', { 'http-port': '0', 'https-port': '30080' }, [0, 30080, 0, 0]],
    ['a free https-port frees nothing else', { 'https-port': '0' }, [80, 0, 30080, 30081]],
    ['without a controller nobody needs 80 and 443', { ingress: 'none' }, [30080, 30081]],
    ['without a controller free ports are free too', { ingress: 'none', 'http-port': '0' }, [0, 0, 0]],
    ['without a controller a port that is asked for is opened', { ingress: 'none', 'http-port': '8080' }, [8080, 30080, 30081]],
    ['traefik has those of nginx', { ingress: 'traefik' }, [80, 443, 30080, 30081]],
  ])('%s', (_, inputs, hostPorts) => {
    expect(read(inputs).ports.map(({ hostPort }) => hostPort)).toEqual(hostPorts)
  })
})

describe('an address', () => {
  const ports = [
    { hostPort: 32768, nodePort: 80 },
    { hostPort: 80, nodePort: 30080 },
  ]

  test.each([
    [80, 'http://127.0.0.1:32768'],
    [30080, 'http://127.0.0.1'],
    [30081, null],
  ])('of port %d of the node is %s', (nodePort, address) => {
    expect(addressOf(ports, nodePort)).toBe(address)
  })
})
