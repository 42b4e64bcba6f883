# golden/train-model 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: train_model
doc: 'Trains a model from a table.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 5
  valueFrom: 'model=$(runtime.outdir)/model'
- position: 6
  valueFrom: 'report=$(runtime.outdir)/report'
- position: 7
  valueFrom: 'loss=$(runtime.outdir)/loss'
inputs:
  log_level:
    type: string
    default: INFO
    doc: 'update log level'
    inputBinding:
      position: 1
      prefix: 'log_level='
      separate: false
  data_csv:
    type: File
    doc: 'the table to learn from'
    inputBinding:
      position: 2
      prefix: 'data_csv='
      separate: false
  base_model:
    type: 'File?'
    doc: 'a model to start from'
    inputBinding:
      position: 3
      prefix: 'base_model='
      separate: false
  epochs:
    type: long
    default: 3
    doc: rounds
    inputBinding:
      position: 4
      prefix: 'epochs='
      separate: false
outputs:
  model:
    type: File
    doc: 'the trained model'
    outputBinding:
      glob: model
  report:
    type: File
    outputBinding:
      glob: report
  loss:
    type: File
    doc: 'the last loss'
    outputBinding:
      glob: loss
