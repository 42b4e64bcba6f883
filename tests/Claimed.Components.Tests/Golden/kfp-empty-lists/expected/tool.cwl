# golden/empty-lists 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: empty-lists
doc: 'Keys without content.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- run
inputs: {}
outputs: {}
