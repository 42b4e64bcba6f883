# golden/descriptions 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: descriptions
doc: 'Where descriptions come from.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
inputs:
  log_level:
    type: string
    default: INFO
    doc: 'update log level'
    inputBinding:
      position: 1
      prefix: 'log_level='
      separate: false
  above:
    type: string
    doc: 'directly above'
    inputBinding:
      position: 2
      prefix: 'above='
      separate: false
  behind:
    type: string
    doc: 'behind it'
    inputBinding:
      position: 3
      prefix: 'behind='
      separate: false
  block:
    type: string
    doc: 'a block of two lines'
    inputBinding:
      position: 4
      prefix: 'block='
      separate: false
  far:
    type: string
    inputBinding:
      position: 5
      prefix: 'far='
      separate: false
  first:
    type: string
    doc: 'in a literal, behind'
    inputBinding:
      position: 6
      prefix: 'first='
      separate: false
  second:
    type: string
    doc: 'in a literal, above'
    inputBinding:
      position: 7
      prefix: 'second='
      separate: false
  bare:
    type: string
    inputBinding:
      position: 8
      prefix: 'bare='
      separate: false
outputs: {}
