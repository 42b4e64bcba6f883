# golden/typed-shell 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Typed Shell'
doc: 'Front matter says what the shell cannot.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
inputs:
  copies:
    type: string
    default: '2'
    doc: 'number of copies'
    inputBinding:
      position: 1
      prefix: 'copies='
      separate: false
  share:
    type: string
    default: '0.5'
    doc: 'share to keep'
    inputBinding:
      position: 2
      prefix: 'share='
      separate: false
  verbose:
    type: string
    default: 'false'
    doc: 'say more'
    inputBinding:
      position: 3
      prefix: 'verbose='
      separate: false
  letter:
    type: File
    doc: 'the letter'
    inputBinding:
      position: 4
      prefix: 'letter='
      separate: false
outputs: {}
