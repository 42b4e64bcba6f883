# golden/awkward 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: awkward
doc: 'Environment variables whose names clients do not take.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 9
  valueFrom: 'inputs=$(runtime.outdir)/inputs'
- position: 10
  valueFrom: 'my_output_table=$(runtime.outdir)/my_output_table'
inputs:
  log_level:
    type: string
    default: INFO
    doc: 'update log level'
    inputBinding:
      position: 1
      prefix: 'log_level='
      separate: false
  class:
    type: string
    default: x
    doc: 'a keyword of Python'
    inputBinding:
      position: 2
      prefix: 'class='
      separate: false
  'yes':
    type: string
    default: x
    doc: 'a boolean of YAML'
    inputBinding:
      position: 3
      prefix: 'yes='
      separate: false
  self:
    type: string
    default: x
    doc: reserved
    inputBinding:
      position: 4
      prefix: 'self='
      separate: false
  double__score:
    type: string
    default: x
    doc: 'two underscores'
    inputBinding:
      position: 5
      prefix: 'double__score='
      separate: false
  leading:
    type: string
    default: x
    doc: 'begins with an underscore'
    inputBinding:
      position: 6
      prefix: '_leading='
      separate: false
  UPPER_CASE:
    type: string
    default: x
    doc: capitals
    inputBinding:
      position: 7
      prefix: 'UPPER_CASE='
      separate: false
  with_hyphen:
    type: string
    default: x
    doc: 'a hyphen'
    inputBinding:
      position: 8
      prefix: 'with-hyphen='
      separate: false
outputs:
  inputs:
    type: File
    outputBinding:
      glob: inputs
  my_output_table:
    type: File
    outputBinding:
      glob: my_output_table
