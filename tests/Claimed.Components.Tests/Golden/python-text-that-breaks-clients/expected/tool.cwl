# golden/odd-text 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: odd_text
doc: |-
  Splits "words" at          and C:
  ew; says it's {done} $(id) `x` %s: yes # no.

  Ends with a backslash \
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
  path:
    type: string
    default: 'C:\new\table'
    doc: 'a "quoted" text, a \ and a '''''' in it'
    inputBinding:
      position: 2
      prefix: 'path='
      separate: false
  template:
    type: string
    default: '{{ name }} says "hi" $HOME `id`'
    doc: '{{$.inputs}} ${0} {{ ds }}'
    inputBinding:
      position: 3
      prefix: 'template='
      separate: false
  unit:
    type: string
    default: 'größe'
    doc: 'größe 漢字 🚀'
    inputBinding:
      position: 4
      prefix: 'unit='
      separate: false
  word:
    type: string
    default: 'on'
    doc: 'a word that YAML takes for true'
    inputBinding:
      position: 5
      prefix: 'word='
      separate: false
  number:
    type: string
    default: '1e3'
    doc: 'a text that looks like a number'
    inputBinding:
      position: 6
      prefix: 'number='
      separate: false
  zip_code:
    type: string
    default: '01234'
    doc: 'with a zero in front'
    inputBinding:
      position: 7
      prefix: 'zip_code='
      separate: false
  spaces:
    type: string
    default: ' leads and trails '
    doc: 'spaces matter'
    inputBinding:
      position: 8
      prefix: 'spaces='
      separate: false
outputs: {}
