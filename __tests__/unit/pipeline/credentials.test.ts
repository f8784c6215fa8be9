import { describe, expect, test } from '@jest/globals'
import { credentialRedactor, proxyPasswords } from '../../../src/pipeline/credentials.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('the passwords of the environment’s proxies', () => {
  const redact = credentialRedactor({ HTTPS_PROXY: 'http://robot:hunter%402%2F@proxy.example:3128', no_proxy: 'localhost', PATH: '/bin' })

  test.each([
    ['as the address has it', 'podman run -e HTTPS_PROXY=http://robot:hunter%402%2F@proxy.example:3128 image'],
    ['decoded', 'proxy said: wrong password hunter@2/ for robot'],
    ['encoded in another way', `hunter${encodeURIComponent('@2/')}`],
    ['as a header', `Proxy-Authorization: Basic ${base64('robot:hunter@2/')}`],
    ['encoded alone, as a manifest’s secret has it', `password: ${base64('hunter@2/')}`],
  ])('are taken out %s', (_, text) => {
    const safe = redact(text)
    expect(safe).toContain('***')
    expect(safe).not.toMatch(/hunter|Basic [A-Za-z0-9]/)
    expect(safe).not.toContain(base64('hunter@2/'))
  })

  test('leave everything else as it is', () => {
    const text = 'command "podman run --name c-control-plane" failed with error: exit status 125 via http://proxy.example:3128'
    expect(redact(text)).toBe(text)
    expect(redact('')).toBe('')
  })

  test('come from any of the usual variables, in any case, and without a scheme', () => {
    for (const name of ['http_proxy', 'HTTPS_PROXY', 'all_proxy', 'FTP_PROXY']) {
      expect(credentialRedactor({ [name]: 'robot:hunter2@proxy.example:3128' })('is hunter2')).toBe('is ***')
    }
    expect(credentialRedactor({ SOME_PROXY: 'http://robot:hunter2@proxy.example' })('is hunter2')).toBe('is hunter2')
  })

  test('that are short are taken out of addresses alone, since they may be part of any word', () => {
    const short = credentialRedactor({ HTTP_PROXY: 'http://robot:ab@proxy.example' })
    expect(short('a cable to http://robot:ab@proxy.example')).toBe('a cable to http://robot:***@proxy.example')
  })

  test('may hold what an address should not: a percent sign, an at sign, a colon', () => {
    const odd = credentialRedactor({ HTTP_PROXY: 'http://robot:100%:a@b@proxy.example' })
    expect(odd('http://robot:100%:a@b@proxy.example and 100%:a@b')).toBe('http://robot:***@proxy.example and ***')
  })

  test('where there are none, nothing is taken out', () => {
    for (const proxy of ['', 'http://proxy.example:3128', 'http://robot@proxy.example', 'http://robot:@proxy.example']) {
      expect(credentialRedactor({ HTTP_PROXY: proxy })('robot proxy.example')).toBe('robot proxy.example')
    }
    expect(proxyPasswords({})).toEqual([])
  })

  test('are known for whoever can mask words', () => {
    expect(proxyPasswords({ HTTPS_PROXY: 'http://robot:hunter%402@proxy.example' })).toEqual(['hunter%402', 'hunter@2'])
  })
})
