# golden/native-defaults 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: native-defaults
doc: 'Defaults that are no text.'
requirements:
  EnvVarRequirement:
    envDef:
      LEVEL: '3'
      MODE: fast
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- run
arguments:
- position: 13
  valueFrom: '5'
- position: 14
  valueFrom: 'True'
inputs:
  a:
    type: long
    default: 10
    doc: 'an integer'
    inputBinding:
      position: 1
  b:
    type: double
    default: 0.5
    doc: 'a float'
    inputBinding:
      position: 2
  c:
    type:
      type: enum
      symbols:
      - 'True'
      - 'False'
    default: 'True'
    doc: 'a boolean of YAML 1.1'
    inputBinding:
      position: 3
  d:
    type: string
    default: '{"x":[1,null]}'
    doc: 'a mapping'
    inputBinding:
      position: 4
  e:
    type: string
    default: '8'
    doc: 'an octal number of YAML 1.1'
    inputBinding:
      position: 5
  f:
    type: string
    default: '2020-01-01'
    doc: 'a date'
    inputBinding:
      position: 6
  g:
    type: long
    default: 1
    doc: 'no integer'
    inputBinding:
      position: 7
  h:
    type: 'long?'
    doc: 'the empty text'
    inputBinding:
      position: 8
  i:
    type: 'double?'
    doc: 'no number'
    inputBinding:
      position: 9
  j:
    type: string
    inputBinding:
      position: 10
  k:
    type: 'File?'
    doc: 'a file with a default'
    inputBinding:
      position: 11
  l:
    type: string
    default: '[1, 2]'
    doc: 'a list'
    inputBinding:
      position: 12
outputs: {}
