// Answers requests with @cloud-copilot/iam-simulate: JSON lines in, JSON lines out.
// The argument is the folder node_modules/@cloud-copilot. See compare_simulators.py.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'

const load = (...path) => import(pathToFileURL(join(process.argv[2], ...path)).href)
const core = ['iam-simulate', 'dist', 'esm']
const { anonymousPrincipal } = await load(...core, 'index.js')
const { authorize } = await load(...core, 'core_engine', 'CoreSimulatorEngine.js')
const { AwsRequestImpl } = await load(...core, 'request', 'request.js')
const { RequestContextImpl } = await load(...core, 'requestContext.js')
const { DiscoveryContextKeyConstraints } = await load(...core, 'context_keys', 'discoveryContextKeyConstraints.js')
const { loadPolicy } = await load('iam-policy', 'dist', 'esm', 'index.js')

const sids = (found) => found.map((item) => item.statement.sid())

function answer({ policy, principal, action, resource, context }) {
  const caller = principal === 'anonymous' ? anonymousPrincipal : principal
  const target = { resource, accountId: '111122223333' }
  const { resourceAnalysis } = authorize({
    request: new AwsRequestImpl(caller, target, action, new RequestContextImpl(context)),
    identityPolicies: [],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: loadPolicy(policy, { name: 'bucket' }),
    simulationParameters: {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
    }
  })
  const { denyStatements, allowStatements } = resourceAnalysis
  if (denyStatements.length > 0) return { decision: 'explicit_deny', statements: sids(denyStatements) }
  if (allowStatements.length > 0) return { decision: 'allowed', statements: sids(allowStatements) }
  return { decision: 'implicit_deny', statements: [] }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))))
}
