# golden/configure 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: Configure
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- configure
inputs:
  options:
    type: string
    default: '{"limit": null, "sep": ","}'
    inputBinding:
      position: 1
  columns:
    type: string
    default: '["a"]'
    inputBinding:
      position: 2
outputs: {}
