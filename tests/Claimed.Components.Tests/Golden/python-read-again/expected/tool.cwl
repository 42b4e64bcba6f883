# golden/read-again 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: read_again
doc: 'Reads a variable twice, once with another default.'
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
  limit:
    type: long
    default: 10
    doc: 'the limit'
    inputBinding:
      position: 2
      prefix: 'limit='
      separate: false
outputs: {}
