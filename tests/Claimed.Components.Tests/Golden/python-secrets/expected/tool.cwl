# golden/secrets-everywhere 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
'$namespaces':
  cwltool: 'http://commonwl.org/cwltool#'
label: secrets_everywhere
doc: 'Secrets as inputs, and secrets in defaults.'
requirements:
  EnvVarRequirement:
    envDef:
      password: '$(inputs.password)'
      api_key: '$(inputs.api_key)'
      access_token: '$(inputs.access_token)'
      cos_connection: '$(inputs.cos_connection)'
      url: '$(inputs.url)'
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
  'cwltool:Secrets':
    secrets:
    - password
    - api_key
    - access_token
    - cos_connection
    - url
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
  user:
    type: string
    default: nobody
    doc: who
    inputBinding:
      position: 2
      prefix: 'user='
      separate: false
  password:
    type: string
    default: ''
    doc: 'of the database'
  api_key:
    type: string
    default: ''
    doc: 'of the service'
  access_token:
    type: string
    default: ''
    doc: 'for the repository'
  cos_connection:
    type: string
    default: ''
    doc: 'where to'
  url:
    type: string
    default: ''
    doc: 'with credentials in it'
  max_tokens:
    type: long
    default: 100
    doc: 'no secret'
    inputBinding:
      position: 8
      prefix: 'max_tokens='
      separate: false
  key_column:
    type: string
    default: id
    doc: 'no secret'
    inputBinding:
      position: 9
      prefix: 'key_column='
      separate: false
outputs: {}
