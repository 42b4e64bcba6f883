# golden/rank 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: rank
doc: 'Ranks what it is given.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
inputs:
  first:
    type: string
    default: '5'
    doc: 'the first of them'
    inputBinding:
      position: 1
      prefix: 'first='
      separate: false
  second:
    type: string
    default: b
    doc: 'the second, spread over two lines'
    inputBinding:
      position: 2
      prefix: 'second='
      separate: false
  third:
    type: 'string?'
    inputBinding:
      position: 3
      prefix: 'third='
      separate: false
outputs: {}
