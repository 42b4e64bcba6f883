# golden/awkward-names 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: awkward-names
doc: 'Names that break one client or another.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- run
arguments:
- position: 7
  valueFrom: '$(runtime.outdir)/output_table'
- position: 8
  valueFrom: '$(runtime.outdir)/class_2'
inputs:
  class:
    type: string
    doc: 'a keyword'
    inputBinding:
      position: 1
  self:
    type: string
    doc: reserved
    inputBinding:
      position: 2
  a__b:
    type: string
    doc: 'two underscores'
    inputBinding:
      position: 3
  port_1st:
    type: string
    doc: 'begins with a digit'
    inputBinding:
      position: 4
  gr_e:
    type: string
    doc: 'no ASCII'
    inputBinding:
      position: 5
  rate:
    type: double
    doc: signs
    inputBinding:
      position: 6
outputs:
  output_table:
    type: File
    doc: 'with the prefix'
    outputBinding:
      glob: output_table
  class_2:
    type: File
    doc: 'as the input'
    outputBinding:
      glob: class_2
