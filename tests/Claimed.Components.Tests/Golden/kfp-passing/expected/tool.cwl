# golden/passing 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: passing
doc: 'Types that say one thing and placeholders that say another.'
requirements:
  InlineJavascriptRequirement: {}
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- run
arguments:
- position: 6
  valueFrom: '$((inputs.optional_file === null ? [].concat("--no-file") : [].concat("--file", (inputs.optional_file === null ? [] : inputs.optional_file.path))))'
- position: 7
  valueFrom: '$(runtime.outdir)/text'
- position: 8
  valueFrom: '$(runtime.outdir)/untyped'
inputs:
  by_value:
    type: string
    doc: 'a file type as text'
    inputBinding:
      position: 1
  by_path:
    type: File
    doc: 'a text type as a file'
    inputBinding:
      position: 2
  custom_value:
    type: string
    doc: 'an unknown type as text'
    inputBinding:
      position: 3
  custom_path:
    type: File
    doc: 'an unknown type as a file'
    inputBinding:
      position: 4
  never:
    type: string
    doc: 'not used at all'
  untyped_path:
    type: File
    doc: 'no type and a file'
    inputBinding:
      position: 5
  optional_file:
    type: 'File?'
    doc: 'may be left out'
outputs:
  text:
    type: File
    doc: 'a text'
    outputBinding:
      glob: text
  untyped:
    type: File
    doc: 'no type'
    outputBinding:
      glob: untyped
