# golden/serve-pictures 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: serve-pictures
doc: |-
  # Picture endpoint

  Takes pictures over HTTP and calls a model
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
  create_image:
    type: boolean
    default: false
    inputBinding:
      position: 2
      valueFrom: 'create_image=$(self)'
  install_requirements:
    type: boolean
    default: false
    inputBinding:
      position: 3
      valueFrom: 'install_requirements=$(self)'
  port:
    type: long
    default: 8080
    inputBinding:
      position: 4
      prefix: 'port='
      separate: false
  debug:
    type: boolean
    default: false
    inputBinding:
      position: 5
      valueFrom: 'debug=$(self)'
outputs: {}
