# golden/say 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: say
doc: 'Says it.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
inputs:
  what:
    type: string
    default: hello
    inputBinding:
      position: 1
      prefix: 'what='
      separate: false
  who:
    type: string
    doc: 'whom to greet'
    inputBinding:
      position: 2
      prefix: 'who='
      separate: false
outputs: {}
