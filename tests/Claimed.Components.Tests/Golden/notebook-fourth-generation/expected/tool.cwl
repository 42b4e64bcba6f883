# golden/greet-everybody 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: greet_everybody
doc: |-
  # greet-everybody

  Greets each name in a file,
  as often as one likes.
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 6
  valueFrom: 'greetings=$(runtime.outdir)/greetings'
inputs:
  log_level:
    type: string
    default: INFO
    doc: 'update log level'
    inputBinding:
      position: 1
      prefix: 'log_level='
      separate: false
  names:
    type: string
    doc: 'file with one name a line (mandatory)'
    inputBinding:
      position: 2
      prefix: 'names='
      separate: false
  greeting:
    type: string
    default: Hello
    doc: 'the greeting (optional)'
    inputBinding:
      position: 3
      prefix: 'greeting='
      separate: false
  times:
    type: long
    default: 1
    doc: 'number of times (optional)'
    inputBinding:
      position: 4
      prefix: 'times='
      separate: false
  place:
    type: string
    inputBinding:
      position: 5
      prefix: 'place='
      separate: false
outputs:
  greetings:
    type: File
    doc: 'number of greetings'
    outputBinding:
      glob: greetings
