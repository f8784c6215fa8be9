/**
 * The newest of the tags that are written as this one is: `v1.15.1` is followed by `v1.15.2`, never by `v1.16.0-beta.0`
 * or `1.16.0`.
 * @returns the tag itself when no newer one is there
 */
export function newestLike(tag: string, tags: readonly string[]): string {
  const form = new RegExp(`^${tag.split(/\d+/).map(literal).join('\\d+')}$`)
  return tags.filter((other) => form.test(other)).reduce((newest, other) => (isNewer(other, newest) ? other : newest), tag)
}

/** Whether a version has the larger numbers, compared from the left. */
export function isNewer(version: string, than: string): boolean {
  const [left, right] = [numbers(version), numbers(than)]
  const differing = left.findIndex((number, index) => number !== right[index])
  return differing >= 0 && (left[differing] ?? 0) > (right[differing] ?? -1)
}

function numbers(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number)
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
