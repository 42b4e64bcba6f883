# golden/score-pictures 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
'$namespaces':
  cwltool: 'http://commonwl.org/cwltool#'
label: score_pictures
doc: '# Scores pictures with a trained model'
requirements:
  EnvVarRequirement:
    envDef:
      store_pass: '$(inputs.store_pass)'
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
  'cwltool:Secrets':
    secrets:
    - store_pass
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
  model_zip:
    type: string
    default: model.zip
    doc: 'zip file with the model'
    inputBinding:
      position: 2
      prefix: 'model_zip='
      separate: false
  picture_shape:
    type: string
    default: '400,400'
    doc: 'shape the pictures shall be scaled to and the model then accepts'
    inputBinding:
      position: 3
      prefix: 'picture_shape='
      separate: false
  rounds:
    type: long
    default: 1
    doc: 'number of rounds'
    inputBinding:
      position: 4
      prefix: 'rounds='
      separate: false
  keep:
    type: string
    default: 'False'
    inputBinding:
      position: 5
      prefix: 'keep='
      separate: false
  store_user:
    type: string
    default: store
    doc: 'user of the store'
    inputBinding:
      position: 6
      prefix: 'store_user='
      separate: false
  store_pass:
    type: string
    default: ''
    doc: 'password of the store'
  data_dir:
    type: string
    default: '../../data/'
    inputBinding:
      position: 8
      prefix: 'data_dir='
      separate: false
outputs: {}
