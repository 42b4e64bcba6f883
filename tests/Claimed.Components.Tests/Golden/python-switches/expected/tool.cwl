# golden/build-switches 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: build_switches
doc: 'Reads switches of its own build, as old sources do.'
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
  repository:
    type: string
    inputBinding:
      position: 4
      prefix: 'repository='
      separate: false
  version:
    type: string
    inputBinding:
      position: 5
      prefix: 'version='
      separate: false
  model:
    type: string
    default: small
    doc: 'the model'
    inputBinding:
      position: 6
      prefix: 'model='
      separate: false
outputs: {}
