# golden/serve-model 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Serve model'
requirements:
  InlineJavascriptRequirement: {}
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- serve
- '--model'
arguments:
- position: 2
  valueFrom: '--rows'
- position: 5
  valueFrom: '$((inputs.baseline_uri === null ? [].concat() : [].concat("--baseline", (inputs.baseline_uri === null ? [] : inputs.baseline_uri))))'
- position: 6
  valueFrom: '{"uri": "$(inputs.endpoint_uri)", "note": "$(inputs.note)"}'
- position: 7
  valueFrom: '$(runtime.outdir)/report'
inputs:
  Model_uri:
    type: string
    doc: 'Address (URI) of a Model in an object store. What to serve'
    inputBinding:
      position: 1
  baseline_uri:
    type: 'string?'
    doc: 'Address (URI) of a Dataset in an object store.'
  rows:
    type: File
    inputBinding:
      position: 3
  rows_uri:
    type: string
    doc: 'Address (URI) of a Dataset in an object store.'
    inputBinding:
      position: 4
  note:
    type: string
    default: none
  endpoint_uri:
    type: string
    doc: 'Address (URI) of a google.VertexEndpoint in an object store.'
  report_uri:
    type: string
    doc: 'Address (URI) of a HTML in an object store.'
    inputBinding:
      position: 8
outputs:
  report:
    type: File
    outputBinding:
      glob: report
