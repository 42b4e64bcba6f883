# golden/served 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: served
doc: 'Runs in an image that exists.'
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
    doc: 'a name'
    inputBinding:
      position: 2
      prefix: 'name='
      separate: false
outputs: {}
