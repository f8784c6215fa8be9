/** Node 24 strips the types itself, so there is no transform. */
const project = (displayName, folder) => ({
  displayName,
  testEnvironment: 'node',
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: [`<rootDir>/__tests__/${folder}/**/*.test.ts`],
})

export default {
  projects: [project('unit', 'unit'), project('contract', 'contract'), project('e2e', 'e2e'), project('browser', 'browser')],
}
