import type { Controller } from '../stage.ts'

/** The community ingress-nginx. */
export const nginx: Controller = {
  name: 'nginx',
  imageName: 'ingress-nginx',
  className: 'nginx',
  namespace: 'ingress-nginx',
  deployment: 'ingress-nginx-controller',
  service: 'ingress-nginx-controller',
  note: 'The community ingress-nginx was retired by its maintainers in March 2026 and gets no more fixes.',
}
