import { inputs } from '../../../src/config/inputs.ts'

/** The name as the input `artifact-name` reads it; undefined when it refuses it. */
export function artifactName(text: string): string | undefined {
  return inputs['artifact-name'].type.parse(text)
}
