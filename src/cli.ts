#!/usr/bin/env node
import { cli } from './cli/cli.ts'

// Only a passed run clears the exit code.
process.exitCode = 1
process.exit(await cli(process.argv.slice(2)))
