# golden/old-format 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: old_format
doc: |-
  Old format

  Written years ago.
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
  source:
    type: string
    default: x
    doc: 'where from'
    inputBinding:
      position: 2
      prefix: 'source='
      separate: false
outputs: {}
