# golden/filter-rows 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: filter_rows
doc: |-
  # Filter rows
  Keeps the rows that an expression chooses.
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 4
  valueFrom: 'data_csv_filtered=$(runtime.outdir)/data_csv_filtered'
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
    type: 'File?'
    doc: 'the table'
    inputBinding:
      position: 2
      prefix: 'data_csv='
      separate: false
  predicate:
    type: string
    doc: 'the expression, such as a > 3'
    inputBinding:
      position: 3
      prefix: 'predicate='
      separate: false
outputs:
  data_csv_filtered:
    type: File
    doc: 'the rows that are kept'
    outputBinding:
      glob: data_csv_filtered
