# golden/arguments 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: arguments
doc: 'Takes its configuration from an option or the environment.'
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
  config:
    type: string
    doc: 'file that says what to do'
    inputBinding:
      position: 2
      prefix: 'config='
      separate: false
outputs: {}
