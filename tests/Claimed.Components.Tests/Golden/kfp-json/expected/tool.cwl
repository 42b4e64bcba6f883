# golden/in-json 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'In JSON'
doc: 'The same format in other signs.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- run
inputs:
  'n':
    type: long
    default: 5
    doc: 'a number'
    inputBinding:
      position: 1
outputs: {}
