// `npm run format`: writes what is generated from the code (lint rules, rooms, docs/protocol.md), then formats everything.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runForeground } from './child-process.mjs'
import { withRooms } from './house/architecture.mjs'
import { withLintRules } from './house/lint-rules.mjs'
import { describeProtocol } from './house/protocol.ts'
import { capacitySchemaText, experimentSchemaText, reportSchemaText } from './house/report-schema.ts'

const root = dirname(import.meta.dirname)
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')

const lintRules = join(root, 'biome.json')
writeFileSync(lintRules, withLintRules(readFileSync(lintRules, 'utf8')))
const architecture = join(root, 'ARCHITECTURE.md')
writeFileSync(architecture, withRooms(readFileSync(architecture, 'utf8')))
writeFileSync(join(root, 'docs/protocol.md'), describeProtocol())
writeFileSync(join(root, 'resources/report.schema.json'), reportSchemaText())
writeFileSync(join(root, 'resources/experiment.schema.json'), experimentSchemaText())
writeFileSync(join(root, 'resources/capacity.schema.json'), capacitySchemaText())
process.exitCode = await runForeground(process.execPath, [biome, 'check', '--write'], { cwd: root })
