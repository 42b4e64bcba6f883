# golden/defaults 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: defaults
doc: 'Literals become defaults; what only the source can evaluate does not.'
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
  hour:
    type: long
    default: 3600
    doc: seconds
    inputBinding:
      position: 2
      prefix: 'hour='
      separate: false
  mask:
    type: long
    default: 511
    doc: bits
    inputBinding:
      position: 3
      prefix: 'mask='
      separate: false
  tiny:
    type: double
    default: 1.0e-05
    doc: 'learning rate'
    inputBinding:
      position: 4
      prefix: 'tiny='
      separate: false
  minus:
    type: double
    default: -0.5
    doc: negative
    inputBinding:
      position: 5
      prefix: 'minus='
      separate: false
  nothing:
    type: 'string?'
    doc: None
    inputBinding:
      position: 6
      prefix: 'nothing='
      separate: false
  empty:
    type: string
    default: ''
    doc: 'the empty text'
    inputBinding:
      position: 7
      prefix: 'empty='
      separate: false
  joined:
    type: string
    default: 'one two'
    doc: 'adjacent literals'
    inputBinding:
      position: 8
      prefix: 'joined='
      separate: false
  raw:
    type: string
    default: '\d+\.csv'
    doc: 'a pattern'
    inputBinding:
      position: 9
      prefix: 'raw='
      separate: false
  lines:
    type: string
    default: |-
      first
      second
    doc: 'two lines'
    inputBinding:
      position: 10
      prefix: 'lines='
      separate: false
  today:
    type: 'string?'
    doc: computed
    inputBinding:
      position: 11
      prefix: 'today='
      separate: false
  path:
    type: 'string?'
    doc: 'computed as well'
    inputBinding:
      position: 12
      prefix: 'path='
      separate: false
  greeting:
    type: 'string?'
    doc: 'an f-string'
    inputBinding:
      position: 13
      prefix: 'greeting='
      separate: false
  wrong:
    type: long
    doc: 'not of the type'
    inputBinding:
      position: 14
      prefix: 'wrong='
      separate: false
  flag:
    type: string
    default: maybe
    doc: 'not of the type either'
    inputBinding:
      position: 15
      prefix: 'flag='
      separate: false
outputs: {}
