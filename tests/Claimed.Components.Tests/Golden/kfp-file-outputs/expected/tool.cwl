# golden/query 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: Query
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- sh
- '-ec'
- |
  (shift 2; exec "$@")
  mkdir -p "${1%/*}"
  cp -RL -- '/output.txt' "${1}"
  mkdir -p "${2%/*}"
  cp -RL -- '/it'\''s/the metadata.json' "${2}"
- sh
arguments:
- position: 1
  valueFrom: '$(runtime.outdir)/output_2'
- position: 2
  valueFrom: '$(runtime.outdir)/MLPipeline_UI_metadata'
- position: 3
  valueFrom: python3
- position: 4
  valueFrom: '/query.py'
- position: 5
  valueFrom: '--query'
- position: 7
  valueFrom: '--output'
- position: 9
  valueFrom: '--log'
- position: 10
  valueFrom: '$(runtime.outdir)/log'
inputs:
  query:
    type: string
    inputBinding:
      position: 6
  output:
    type: 'string?'
    inputBinding:
      position: 8
outputs:
  output_2:
    type: File
    doc: 'Where the result lies'
    outputBinding:
      glob: output_2
  MLPipeline_UI_metadata:
    type: File
    outputBinding:
      glob: MLPipeline_UI_metadata
  log:
    type: File
    outputBinding:
      glob: log
