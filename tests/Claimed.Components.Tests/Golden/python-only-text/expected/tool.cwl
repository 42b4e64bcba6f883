# golden/only-text 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: only_text
doc: 'Says os.environ.get(''ghost1'') in its documentation.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
inputs:
  log_level:
    type: string
    default: INFO
    doc: 'update log level'
    inputBinding:
      position: 1
      prefix: 'log_level='
      separate: false
  url:
    type: string
    default: 'http://localhost/#fragment'
    doc: 'a sign in a string'
    inputBinding:
      position: 2
      prefix: 'url='
      separate: false
  pattern:
    type: string
    default: 'a"b\c'
    doc: 'quotes and a backslash'
    inputBinding:
      position: 3
      prefix: 'pattern='
      separate: false
  base:
    type: string
    doc: 'read inside an f-string'
    inputBinding:
      position: 4
      prefix: 'base='
      separate: false
outputs: {}
