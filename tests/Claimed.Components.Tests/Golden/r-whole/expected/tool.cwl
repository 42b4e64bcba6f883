# golden/summarise-table 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
'$namespaces':
  cwltool: 'http://commonwl.org/cwltool#'
label: claimed-Summarise_Table
doc: |-
  Summarises a table.

  One line for each column.
requirements:
  EnvVarRequirement:
    envDef:
      api_token: '$(inputs.api_token)'
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
  'cwltool:Secrets':
    secrets:
    - api_token
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 9
  valueFrom: 'summary=$(runtime.outdir)/summary'
- position: 10
  valueFrom: 'count=$(runtime.outdir)/count'
- position: 11
  valueFrom: 'mean=$(runtime.outdir)/mean'
inputs:
  path:
    type: string
    doc: 'the table, as "CSV"'
    inputBinding:
      position: 1
      prefix: 'path='
      separate: false
  rows:
    type: long
    default: 3600
    doc: 'most rows'
    inputBinding:
      position: 2
      prefix: 'rows='
      separate: false
  share:
    type: double
    default: 0.5
    doc: 'part of the rows'
    inputBinding:
      position: 3
      prefix: 'share='
      separate: false
  loud:
    type: boolean
    default: false
    doc: 'say more'
    inputBinding:
      position: 4
      valueFrom: 'loud=$(self)'
  settings:
    type: string
    default: '{"a": 1}'
    doc: settings
    inputBinding:
      position: 5
      prefix: 'settings='
      separate: false
  pattern:
    type: string
    default: '\d#'
    doc: 'a pattern'
    inputBinding:
      position: 6
      prefix: 'pattern='
      separate: false
  maybe:
    type: 'string?'
    doc: 'may be left out'
    inputBinding:
      position: 7
      prefix: 'maybe='
      separate: false
  api_token:
    type: string
    default: ''
    doc: 'for the service'
outputs:
  summary:
    type: File
    doc: 'the lines'
    outputBinding:
      glob: summary
  count:
    type: File
    doc: 'rows that were read'
    outputBinding:
      glob: count
  mean:
    type: File
    doc: 'rows that were read'
    outputBinding:
      glob: mean
