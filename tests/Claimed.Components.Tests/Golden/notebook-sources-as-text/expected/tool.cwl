# golden/as-text 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: as_text
doc: |-
  # As text
  Each source is one text.
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
  valueFrom: 'm=$(runtime.outdir)/m'
inputs:
  log_level:
    type: string
    default: INFO
    doc: 'update log level'
    inputBinding:
      position: 1
      prefix: 'log_level='
      separate: false
  'n':
    type: long
    default: 2
    doc: 'a number'
    inputBinding:
      position: 2
      prefix: 'n='
      separate: false
outputs:
  m:
    type: File
    doc: 'its double'
    outputBinding:
      glob: m
