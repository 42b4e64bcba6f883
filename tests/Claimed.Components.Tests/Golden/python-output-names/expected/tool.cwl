# golden/output-names 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: output_names
doc: 'The oldest way to name outputs.'
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
  output_data_csv:
    type: string
    default: data.csv
    doc: 'where to write'
    inputBinding:
      position: 2
      prefix: 'output_data_csv='
      separate: false
  output_folder:
    type: string
    default: out
    doc: 'folder of the pictures'
    inputBinding:
      position: 3
      prefix: 'output_folder='
      separate: false
outputs: {}
