import type { LoadPlan } from './plan.ts'
import { defaultScenario } from './scenarios.ts'

/**
 * The script that k6 is started with instead of the user's. It imports that by its absolute path, so that it can lie
 * anywhere: relative imports and `open()` start from the user's file all the same. What that exports is handed on,
 * apart from `options`, to which the plan's are added (scenarios only to a script that has none), and `handleSummary`,
 * beside whose files ours is written.
 */
export function wrapScript(script: string, { summaryFile, options }: Pick<LoadPlan, 'summaryFile' | 'options'>): string {
  const from = JSON.stringify(script)
  const { scenarios, thresholds, summaryTrendStats } = options
  // Semicolons, because k6 1 does not end `export default` without one.
  return `import * as script from ${from};
export * from ${from};
export default script.default;

const ours = ${JSON.stringify({ scenarios, thresholds, summaryTrendStats })};
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
  return Object.assign({}, files, { ${JSON.stringify(summaryFile)}: text });
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
