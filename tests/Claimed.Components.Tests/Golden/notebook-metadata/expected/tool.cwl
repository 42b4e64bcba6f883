# golden/square-area 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Square Area'
doc: 'Says in its metadata what it is.'
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
  side:
    type: double
    default: 1.5
    doc: 'a side'
    inputBinding:
      position: 2
      prefix: 'side='
      separate: false
outputs: {}
