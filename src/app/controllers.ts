import type { Config } from '../config/config.ts'
import { nginx } from '../stages/ingress/controllers/nginx.ts'
import { traefik } from '../stages/ingress/controllers/traefik.ts'
import type { Controller } from '../stages/ingress/stage.ts'

/** Ingress controllers by the value of the input `ingress`. */
export const controllers: Readonly<Record<Config['ingress'], Controller | null>> = { nginx, traefik, none: null }
