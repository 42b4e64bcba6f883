# golden/process-variables 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: process_variables
doc: 'Variables of the process are no ports.'
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
  name:
    type: string
    doc: 'an input'
    inputBinding:
      position: 2
      prefix: 'name='
      separate: false
outputs: {}
