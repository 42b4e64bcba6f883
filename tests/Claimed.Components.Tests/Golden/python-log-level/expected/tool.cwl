# golden/own-log-level 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: own_log_level
doc: 'Declares its log level itself.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
inputs:
  name:
    type: string
    default: x
    doc: any
    inputBinding:
      position: 1
      prefix: 'name='
      separate: false
  log_level:
    type: string
    default: DEBUG
    doc: 'how much it says'
    inputBinding:
      position: 2
      prefix: 'log_level='
      separate: false
outputs: {}
