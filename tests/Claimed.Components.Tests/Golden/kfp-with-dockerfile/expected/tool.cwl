# golden/own-image 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Own image'
doc: 'Its image is made from the Dockerfile beside it.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/run'
arguments:
- position: 1
  valueFrom: '$(runtime.outdir)/log'
inputs: {}
outputs:
  log:
    type: File
    doc: 'what happened'
    outputBinding:
      glob: log
