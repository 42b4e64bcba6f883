# golden/backend-placeholders 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: backend-placeholders
doc: 'Spells out what one backend fills in.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- launch
- '--name'
- '{{$.inputs.artifacts[''endpoint''].metadata[''resourceName'']}}'
- '--project'
arguments:
- position: 2
  valueFrom: '--all'
- position: 3
  valueFrom: '{{$}}'
- position: 4
  valueFrom: '$(runtime.outdir)/resources'
inputs:
  endpoint:
    type: File
    doc: 'an artifact that is no file'
  project:
    type: string
    doc: 'a text'
    inputBinding:
      position: 1
outputs:
  resources:
    type: File
    doc: 'what was made'
    outputBinding:
      glob: resources
