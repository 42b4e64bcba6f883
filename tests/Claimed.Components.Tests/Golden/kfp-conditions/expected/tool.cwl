# golden/conditions 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: conditions
doc: 'Elements that stand there or not.'
requirements:
  InlineJavascriptRequirement: {}
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- learn
arguments:
- position: 2
  valueFrom: '$((inputs.start_from === null ? [].concat("--fresh") : [].concat("--start", (inputs.start_from === null ? [] : inputs.start_from.path))))'
- position: 3
  valueFrom: '$([].concat("{\u0022mode\u0022: \u0022", inputs.mode, "\u0022", (inputs.label === null ? [].concat() : [].concat(", \u0022label\u0022: \u0022")), (inputs.label === null ? [].concat() : [].concat((inputs.label === null ? [] : inputs.label))), (inputs.label === null ? [].concat() : [].concat("\u0022", " ")), "}").join(""))'
- position: 4
  valueFrom: '$((inputs.label === null ? [].concat() : [].concat("--labelled")))'
- position: 5
  valueFrom: '$(runtime.outdir)/model'
inputs:
  rows:
    type: File
    doc: 'the rows'
    inputBinding:
      position: 1
  start_from:
    type: 'File?'
    doc: 'a model to start from'
  label:
    type: 'string?'
    doc: 'a column'
  mode:
    type: string
    default: fast
    doc: how
outputs:
  model:
    type: File
    doc: 'what was learned'
    outputBinding:
      glob: model
