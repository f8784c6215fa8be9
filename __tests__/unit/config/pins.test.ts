import { describe, expect, test } from '@jest/globals'
import { imageNames, imageRepositories, images, nodeImages, pinTable, toolChecksums, toolVersions } from '../../../src/config/pins.ts'
import { image, version } from '../../../src/config/values.ts'

const hasDigest = /@sha256:[0-9a-f]{64}$/

describe('the pins', () => {
  test.each(Object.entries(toolChecksums))('the sum of %s is 64 hex digits', (key, sum) => {
    expect(key).toMatch(/^(kind|kubectl|k6)\/\d+\.\d+\.\d+\/(linux|darwin)-(amd64|arm64)$/)
    expect(sum).toMatch(/^[0-9a-f]{64}$/)
  })

  test('no two files have the same sum', () => {
    expect(new Set(Object.values(toolChecksums)).size).toBe(Object.keys(toolChecksums).length)
  })

  test.each(Object.entries(toolVersions))('%s has a full version', (_, text) => {
    expect(version.parse(text)).toBe(text)
  })

  test.each(nodeImages)('the node image of $kubernetes is that version, pinned by digest', ({ kubernetes, image: reference }) => {
    expect(reference).toMatch(hasDigest)
    expect(reference).toContain(`:v${kubernetes}@`)
    expect(image.parse(reference)).toBe(reference)
  })

  test('node images are newest first, one a minor', () => {
    const minors = nodeImages.map(({ kubernetes }) => Number(kubernetes.split('.')[1]))
    expect(minors).toEqual([...new Set(minors)].sort((a, b) => b - a))
    expect(minors[0]).toBe(37)
  })

  test.each(Object.entries(images))('the image %s can be pulled by its exact reference and be overridden by its name', (name, reference) => {
    expect(image.parse(reference)).toBe(reference)
    expect(reference).not.toMatch(/:latest(@|$)/)
    expect(imageNames).toContain(name)
  })

  test('each say where they come from', () => {
    const pins = [pinTable.files, pinTable.nodeImages, pinTable.images].flatMap((group) => Object.entries<{ readonly source: string }>(group))
    expect(pins.filter(([, { source }]) => source === '').map(([name]) => name)).toEqual([])
  })

  test('exactly these images come from Docker Hub, which throttles anonymous pulls, for want of a choice', () => {
    const hub = Object.entries(imageRepositories).filter(([, repository]) => !/^[^/]+[.:][^/]*\//.test(repository))
    expect(Object.fromEntries(hub)).toEqual({ 'http-echo': 'hashicorp/http-echo' })
  })

  test('exactly these images have no digest, for want of a page of their publisher that states it', () => {
    const without = Object.entries(images).filter(([, reference]) => !hasDigest.test(reference))
    expect(Object.fromEntries(without)).toEqual({
      traefik: 'ghcr.io/traefik/traefik:v3.7.15',
      'http-echo': 'hashicorp/http-echo:1.0.0',
      'k6-operator': 'ghcr.io/grafana/k6-operator:controller-v1.6.0',
      'k6-starter': 'ghcr.io/grafana/k6-operator:starter-v1.6.0',
      'dns-probe': 'registry.k8s.io/e2e-test-images/busybox:1.36.1-1',
    })
  })
})
