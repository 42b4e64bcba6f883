# golden/outputs 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: outputs
doc: 'Assignments are outputs.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 2
  valueFrom: 'accuracy=$(runtime.outdir)/accuracy'
- position: 3
  valueFrom: 'label=$(runtime.outdir)/label'
- position: 4
  valueFrom: 'table=$(runtime.outdir)/table'
- position: 5
  valueFrom: 'same=$(runtime.outdir)/same'
- position: 6
  valueFrom: 'size=$(runtime.outdir)/size'
inputs:
  log_level:
    type: string
    default: INFO
    doc: 'update log level'
    inputBinding:
      position: 1
      prefix: 'log_level='
      separate: false
outputs:
  accuracy:
    type: File
    doc: 'share of right answers'
    outputBinding:
      glob: accuracy
  label:
    type: File
    doc: 'the winner'
    outputBinding:
      glob: label
  table:
    type: File
    outputBinding:
      glob: table
  same:
    type: File
    outputBinding:
      glob: same
  size:
    type: File
    outputBinding:
      glob: size
