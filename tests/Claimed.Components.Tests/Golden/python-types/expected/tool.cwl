# golden/types-of-inputs 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: types_of_inputs
doc: 'The conversion around a read says the type, and so does an annotation.'
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
  i1:
    type: long
    default: 4
    doc: 'int of a number'
    inputBinding:
      position: 2
      prefix: 'i1='
      separate: false
  i2:
    type: long
    default: 4
    doc: annotated
    inputBinding:
      position: 3
      prefix: 'i2='
      separate: false
  f1:
    type: double
    default: 0.25
    doc: 'with spaces'
    inputBinding:
      position: 4
      prefix: 'f1='
      separate: false
  f2:
    type: double
    default: 1.5
    doc: twice
    inputBinding:
      position: 5
      prefix: 'f2='
      separate: false
  b1:
    type: boolean
    default: true
    doc: 'compared with True'
    inputBinding:
      position: 6
      valueFrom: 'b1=$(self)'
  b2:
    type: string
    default: 'no'
    doc: 'one of several words'
    inputBinding:
      position: 7
      prefix: 'b2='
      separate: false
  b3:
    type: boolean
    default: false
    doc: 'the trap: any text is true'
    inputBinding:
      position: 8
      valueFrom: 'b3=$(self)'
  o1:
    type: string
    default: '{"a": [1, 2]}'
    doc: 'an object'
    inputBinding:
      position: 9
      prefix: 'o1='
      separate: false
  l1:
    type: string
    default: '["x", "y"]'
    doc: 'a list'
    inputBinding:
      position: 10
      prefix: 'l1='
      separate: false
  l2:
    type: string
    doc: 'a list by annotation'
    inputBinding:
      position: 11
      prefix: 'l2='
      separate: false
  n1:
    type: 'long?'
    doc: 'may be left out'
    inputBinding:
      position: 12
      prefix: 'n1='
      separate: false
  s1:
    type: string
    default: text
    doc: text
    inputBinding:
      position: 13
      prefix: 's1='
      separate: false
  s2:
    type: string
    default: '12'
    doc: 'a number that nothing converts'
    inputBinding:
      position: 14
      prefix: 's2='
      separate: false
  s3:
    type: string
    default: '400,400'
    doc: 'converted part by part'
    inputBinding:
      position: 15
      prefix: 's3='
      separate: false
outputs: {}
