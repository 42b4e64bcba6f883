# golden/right 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: right
doc: 'The right one.'
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
  b:
    type: string
    doc: 'the other side'
    inputBinding:
      position: 2
      prefix: 'b='
      separate: false
outputs: {}
