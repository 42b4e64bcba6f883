# golden/ways-to-read 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: ways_to_read
doc: 'Every way to read a variable.'
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
  a1:
    type: string
    doc: 'by get'
    inputBinding:
      position: 2
      prefix: 'a1='
      separate: false
  a2:
    type: string
    doc: 'by index'
    inputBinding:
      position: 3
      prefix: 'a2='
      separate: false
  a3:
    type: string
    doc: 'by getenv'
    inputBinding:
      position: 4
      prefix: 'a3='
      separate: false
  a4:
    type: string
    doc: 'module under another name'
    inputBinding:
      position: 5
      prefix: 'a4='
      separate: false
  a5:
    type: string
    doc: 'environ alone'
    inputBinding:
      position: 6
      prefix: 'a5='
      separate: false
  a6:
    type: string
    doc: 'getenv alone'
    inputBinding:
      position: 7
      prefix: 'a6='
      separate: false
  a7:
    type: string
    doc: 'environ under another name'
    inputBinding:
      position: 8
      prefix: 'a7='
      separate: false
  a8:
    type: string
    doc: 'getenv under another name'
    inputBinding:
      position: 9
      prefix: 'a8='
      separate: false
  a9:
    type: string
    doc: 'environ in a variable'
    inputBinding:
      position: 10
      prefix: 'a9='
      separate: false
  b1:
    type: string
    doc: 'the method in a variable'
    inputBinding:
      position: 11
      prefix: 'b1='
      separate: false
  b2:
    type: string
    doc: 'with spaces'
    inputBinding:
      position: 12
      prefix: 'b2='
      separate: false
  b3:
    type: string
    doc: 'by keyword'
    inputBinding:
      position: 13
      prefix: 'b3='
      separate: false
  b4:
    type: 'string?'
    doc: guarded
    inputBinding:
      position: 14
      prefix: 'b4='
      separate: false
  b5:
    type: string
    doc: 'in a function'
    inputBinding:
      position: 15
      prefix: 'b5='
      separate: false
  b6:
    type: string
    doc: 'in a class'
    inputBinding:
      position: 16
      prefix: 'b6='
      separate: false
outputs: {}
