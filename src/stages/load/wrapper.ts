import { defaultScenario } from './scenarios.ts'

export interface WrapperOptions {
  /** Absolute path of the user's script. */
  readonly script: string
  /** File for k6's end-of-test data. */
  readonly summaryFile: string
  /** Where the summary is printed among other lines: its marker, and the absolute path of `k6/frame.js`. */
  readonly frame: { readonly marker: string; readonly module: string } | null
  readonly options: {
    /** For a script that has none of its own. */
    readonly scenarios: Readonly<Record<string, object>>
    /** Added to its own. */
    readonly summaryTrendStats: readonly string[]
    readonly thresholds: Readonly<Record<string, readonly string[]>>
  }
}

/**
 * The script that k6 is started with instead of the user's. It imports that by its absolute path, so that it can lie
 * anywhere: relative imports and `open()` start from the user's file all the same. What that exports is handed on,
 * apart from `options`, to which ours are added, and `handleSummary`, beside whose files ours is written.
 */
export function wrapScript({ script, summaryFile, frame, options }: WrapperOptions): string {
  const from = JSON.stringify(script)
  // Semicolons, because k6 1 does not end `export default` without one.
  const summary = frame === null ? 'text' : `framed(text, ${JSON.stringify(frame.marker)})`
  // In a pod there is nowhere to keep other files.
  const kept = frame === null ? 'files' : '{ stderr: files.stderr || "" }'
  const before = frame === null ? '' : '(files.stdout || "") + '
  return `${frame === null ? '' : `import { framed } from ${JSON.stringify(frame.module)};\n`}import * as script from ${from};
export * from ${from};
export default script.default;

const ours = ${JSON.stringify(options)};
const own = script.options || {};
const drivesItself = ['scenarios', 'vus', 'iterations', 'duration', 'stages'].some((name) => own[name] !== undefined && own[name] !== null);
const thresholds = Object.assign({}, own.thresholds);
for (const name of Object.keys(ours.thresholds)) thresholds[name] = [].concat(thresholds[name] || [], ours.thresholds[name]);

// k6 inspect wants to be told the one user that k6 run takes for granted.
const theirDrive = own.scenarios || own.vus ? {} : { vus: 1 };

export const options = Object.assign({}, own, drivesItself ? theirDrive : { scenarios: ours.scenarios }, {
  thresholds,
  summaryTrendStats: Array.from(new Set([].concat(own.summaryTrendStats || [], ours.summaryTrendStats))),
});

export function handleSummary(data) {
  const text = JSON.stringify(data);
  let files = {};
  if (script.handleSummary) {
    try {
      files = script.handleSummary(data);
    } catch (error) {
      console.error('handleSummary of the load script: ' + error);
    }
  }
  return Object.assign({}, ${kept}, { ${JSON.stringify(summaryFile)}: ${before}${summary} });
}
`
}

/** What `k6 inspect` tells of a wrapped script. */
export interface ScriptFacts {
  /** The longest that its scenarios can take, in milliseconds. */
  readonly durationMs: number
  /** Whether it says itself how it is driven. */
  readonly drivesItself: boolean
}

/** Whether a script that k6 has read drives itself, by the names of its scenarios. */
export function drivesItself(scenarios: readonly string[]): boolean {
  return !scenarios.includes(defaultScenario)
}
