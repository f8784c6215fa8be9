/** The inputs the runner was given, by name as action.yml spells them, those it does not know included. */
export function readActionInputs(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const given = Object.entries(env).filter(([name]) => name.startsWith('INPUT_'))
  return Object.fromEntries(given.map(([name, value]) => [name.slice('INPUT_'.length).toLowerCase(), value]))
}
