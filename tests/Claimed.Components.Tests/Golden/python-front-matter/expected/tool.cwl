# golden/rank-pages 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Rank Pages'
doc: 'Says in front matter what the code does not.'
requirements:
  NetworkAccess:
    networkAccess: true
  ResourceRequirement:
    coresMin: 2.0
    ramMin: 4096
    tmpdirMin: 10240
    outdirMin: 10240
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
  damping:
    type: double
    default: 0.85
    doc: 'share that is passed on'
    inputBinding:
      position: 2
      prefix: 'damping='
      separate: false
outputs: {}
