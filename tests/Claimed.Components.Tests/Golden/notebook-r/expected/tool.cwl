# golden/columns-in-r 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: columns_in_r
doc: |-
  # Columns
  Counts the columns of a table, in R.
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 3
  valueFrom: 'columns=$(runtime.outdir)/columns'
inputs:
  path:
    type: string
    doc: 'the table'
    inputBinding:
      position: 1
      prefix: 'path='
      separate: false
  limit:
    type: long
    default: 10
    doc: 'most columns'
    inputBinding:
      position: 2
      prefix: 'limit='
      separate: false
outputs:
  columns:
    type: File
    outputBinding:
      glob: columns
