# golden/echo-sample 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Echo sample'
doc: 'A component as catalogs of the MLX kind keep it.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- echo
inputs:
  text:
    type: string
    default: hi
    doc: 'what to echo'
    inputBinding:
      position: 1
outputs: {}
