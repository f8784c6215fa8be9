import type { Controller } from '../stage.ts'

/** Traefik, maintained; besides its own class it takes Ingresses of class `nginx` and their annotations. */
export const traefik: Controller = {
  name: 'traefik',
  imageName: 'traefik',
  className: 'traefik',
  namespace: 'traefik',
  deployment: 'traefik',
  service: 'traefik',
  note: null,
}
