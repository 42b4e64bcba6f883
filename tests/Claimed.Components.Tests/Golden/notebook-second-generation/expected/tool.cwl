# golden/table-to-columns 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: table_to_columns
doc: |-
  # Table to columns
  Turns a table into files of columns
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
  data_csv:
    type: string
    default: data.csv
    doc: 'path of the table (default: data.csv)'
    inputBinding:
      position: 2
      prefix: 'data_csv='
      separate: false
  output_data_parquet:
    type: string
    default: data.parquet
    doc: 'where the columns go (default: data.parquet)'
    inputBinding:
      position: 3
      prefix: 'output_data_parquet='
      separate: false
  master:
    type: string
    default: 'local[*]'
    doc: 'url of master (default: local mode)'
    inputBinding:
      position: 4
      prefix: 'master='
      separate: false
  sample:
    type: string
    default: '1.0'
    doc: 'sample on input data 0..1 (default: 1.0)'
    inputBinding:
      position: 5
      prefix: 'sample='
      separate: false
outputs: {}
