# golden/must-be-given 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: must_be_given
doc: 'Inputs that have no default are required, whichever way they are read.'
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
  count:
    type: long
    doc: 'how many'
    inputBinding:
      position: 2
      prefix: 'count='
      separate: false
  share:
    type: double
    doc: 'how much'
    inputBinding:
      position: 3
      prefix: 'share='
      separate: false
  name:
    type: string
    doc: which
    inputBinding:
      position: 4
      prefix: 'name='
      separate: false
  loud:
    type: boolean
    doc: 'loud or not'
    inputBinding:
      position: 5
      valueFrom: 'loud=$(self)'
outputs: {}
