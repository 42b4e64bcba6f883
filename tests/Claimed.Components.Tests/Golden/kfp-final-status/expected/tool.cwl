# golden/report-status 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Report status'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- report
- '--to'
arguments:
- position: 2
  valueFrom: '--status'
inputs:
  recipients:
    type: string
    inputBinding:
      position: 1
  pipeline_task_final_status:
    type: string
    doc: 'What became of the pipeline'
    inputBinding:
      position: 3
outputs: {}
