# golden/fetch-page 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
'$namespaces':
  cwltool: 'http://commonwl.org/cwltool#'
label: fetch_page
doc: |-
  Fetches a page.

  Follows no redirects.
requirements:
  EnvVarRequirement:
    envDef:
      api_key: '$(inputs.api_key)'
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
  'cwltool:Secrets':
    secrets:
    - api_key
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 9
  valueFrom: 'page=$(runtime.outdir)/page'
- position: 10
  valueFrom: 'bytes=$(runtime.outdir)/bytes'
inputs:
  url:
    type: string
    doc: 'where to load from'
    inputBinding:
      position: 1
      prefix: 'url='
      separate: false
  retries:
    type: string
    default: '3'
    doc: 'how often to try'
    inputBinding:
      position: 2
      prefix: 'retries='
      separate: false
  proxy:
    type: 'string?'
    inputBinding:
      position: 3
      prefix: 'proxy='
      separate: false
  agent:
    type: string
    default: 'my agent'
    inputBinding:
      position: 4
      prefix: 'agent='
      separate: false
  language:
    type: string
    doc: 'which language'
    inputBinding:
      position: 5
      prefix: 'language='
      separate: false
  stamp:
    type: 'string?'
    inputBinding:
      position: 6
      prefix: 'stamp='
      separate: false
  inside:
    type: string
    default: '1'
    inputBinding:
      position: 7
      prefix: 'inside='
      separate: false
  api_key:
    type: string
    default: ''
outputs:
  page:
    type: File
    doc: 'what came back'
    outputBinding:
      glob: page
  bytes:
    type: File
    doc: 'size of the page'
    outputBinding:
      glob: bytes
