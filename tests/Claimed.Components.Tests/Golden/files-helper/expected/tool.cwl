# golden/main-step 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: main_step
doc: 'Uses a helper beside it.'
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
  shape:
    type: string
    default: circle
    doc: 'what to draw'
    inputBinding:
      position: 2
      prefix: 'shape='
      separate: false
outputs: {}
