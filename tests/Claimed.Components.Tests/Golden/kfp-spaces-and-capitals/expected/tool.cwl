# golden/train-with-everything 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Train with ''everything'''
doc: 'Fits a model.'
requirements:
  InlineJavascriptRequirement: {}
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- python3
- '-u'
- '/train.py'
- '--data'
arguments:
- position: 2
  valueFrom: '--rate'
- position: 4
  valueFrom: '--rounds=$(inputs.Number_of_rounds)'
- position: 5
  valueFrom: '$((inputs.Label_column_optional === null ? [].concat() : [].concat("--label", (inputs.Label_column_optional === null ? [] : inputs.Label_column_optional))))'
- position: 10
  valueFrom: '$(runtime.outdir)/Trained_model'
- position: 11
  valueFrom: '$(runtime.outdir)/Output_table'
- position: 12
  valueFrom: '$(runtime.outdir)/Score'
inputs:
  Training_data:
    type: File
    inputBinding:
      position: 1
  Learning_rate:
    type: double
    default: 0.1
    inputBinding:
      position: 3
  Number_of_rounds:
    type: long
    default: 100
  Label_column_optional:
    type: 'string?'
  GCS_path:
    type: string
    inputBinding:
      position: 6
  Options:
    type: string
    default: '{"a": 1}'
    inputBinding:
      position: 7
  Untyped:
    type: string
    inputBinding:
      position: 8
  Booster:
    type: string
    default: tree
    inputBinding:
      position: 9
outputs:
  Trained_model:
    type: File
    outputBinding:
      glob: Trained_model
  Output_table:
    type: File
    outputBinding:
      glob: Output_table
  Score:
    type: File
    outputBinding:
      glob: Score
