const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** A Kubernetes quantity as a number, such as `500m` as 0.5 and `64Mi` as 67108864; null when there is none or it is none. */
export function parseQuantity(text: string | undefined): number | null {
  const [, digits, suffix = ''] = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})$/.exec(text ?? '') ?? []
  const factor = factors[suffix]
  return digits === undefined || factor === undefined ? null : Number(digits) * factor
}
