// For your own load script: copy this file beside it. Requests that are sent with it are counted for their service.
//
//   import { get } from './mlops.js'
//   export default function () {
//     get('foo', '/health')
//   }
import http from 'k6/http'

/** Every service under load: its name, its address (a URL with its path) and the Host header that leads to it, or null. */
export const routes = JSON.parse(__ENV.MLOPS_ROUTES || '[]')

/** Sends a request to a service; `path` replaces the one of its address, `body` and `params` are those of k6's http.request. */
export function request(method, service, path, body, params = {}) {
  const route = routes.find(({ name }) => name === service)
  if (!route) throw new Error(`there is no service ${service}; services are ${routes.map(({ name }) => name).join(', ')}`)
  const url = path === undefined || path === null ? route.url : route.url.replace(/^(https?:\/\/[^/]+).*$/, `$1${path}`)
  const headers = Object.assign(route.host === null ? {} : { Host: route.host }, params.headers)
  const tags = Object.assign({ service, name: service }, params.tags)
  return http.request(method, url, body === undefined ? null : body, Object.assign({}, params, { headers, tags }))
}

/** Asks a service with GET. */
export function get(service, path, params) {
  return request('GET', service, path, null, params)
}
