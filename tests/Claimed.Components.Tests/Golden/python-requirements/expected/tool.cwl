# golden/requirements-in-comments 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: requirements_in_comments
doc: 'Install lines in comments.'
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
  size:
    type: long
    default: 1
    doc: 'how large'
    inputBinding:
      position: 2
      prefix: 'size='
      separate: false
outputs: {}
