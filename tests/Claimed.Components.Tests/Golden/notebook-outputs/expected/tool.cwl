# golden/with-outputs 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: with_outputs
doc: '# With outputs'
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
  rows:
    type: long
    default: 5
    doc: 'rows to show'
    inputBinding:
      position: 2
      prefix: 'rows='
      separate: false
outputs: {}
