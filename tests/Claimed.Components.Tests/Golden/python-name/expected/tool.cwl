# golden/count-words-v2 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: claimed-Count_Words_V2
doc: 'Counts words.'
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
  text:
    type: string
    doc: 'the text'
    inputBinding:
      position: 2
      prefix: 'text='
      separate: false
outputs: {}
