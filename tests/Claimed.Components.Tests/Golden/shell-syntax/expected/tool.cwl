# golden/never-closed 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: never_closed
doc: 'Never closed.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
inputs:
  a:
    type: string
    default: '1'
    doc: 'Never closed.'
    inputBinding:
      position: 1
      prefix: 'a='
      separate: false
outputs: {}
