/** Names of the services that thresholds may speak of. */
export const serviceNames = ['foo', 'bar'] as const
