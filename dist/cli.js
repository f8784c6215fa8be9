#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`mlops-pipeline needs Node 24 or newer; this is ${process.versions.node}`)
  process.exit(3)
}
process.argv.splice(2, 0, 'cli')
await import('./index.js')
