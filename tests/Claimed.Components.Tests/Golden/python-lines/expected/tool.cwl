# golden/many-lines 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: many_lines
doc: 'Calls over several lines, and several on one line.'
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
  spread:
    type: long
    default: 12
    doc: 'over four lines'
    inputBinding:
      position: 2
      prefix: 'spread='
      separate: false
  x:
    type: string
    default: '1'
    doc: 'the two'
    inputBinding:
      position: 3
      prefix: 'x='
      separate: false
  'y':
    type: string
    default: '2'
    doc: 'the two'
    inputBinding:
      position: 4
      prefix: 'y='
      separate: false
  z:
    type: string
    default: far
    doc: continued
    inputBinding:
      position: 5
      prefix: 'z='
      separate: false
  inner:
    type: 'string?'
    doc: 'one in the other'
    inputBinding:
      position: 6
      prefix: 'inner='
      separate: false
  outer:
    type: string
    default: last
    doc: 'one in the other'
    inputBinding:
      position: 7
      prefix: 'outer='
      separate: false
  short:
    type: string
    inputBinding:
      position: 8
      prefix: 'short='
      separate: false
  shorter:
    type: string
    inputBinding:
      position: 9
      prefix: 'shorter='
      separate: false
outputs: {}
