# golden/hostile-text-here 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
'$namespaces':
  cwltool: 'http://commonwl.org/cwltool#'
label: 'hostile ''text'' / here'
doc: |-
  Ends with three quotes """
  and a backslash \
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
  'cwltool:Secrets':
    secrets:
    - token
baseCommand:
- python3
- '-c'
- |
  """docs"""
  import re, sys
  print(re.sub("\\s+", ' ', sys.argv[1]), '\n', sys.argv[2])
inputs:
  script:
    type: string
    default: 'print("""x""")'
    doc: 'tab here, "quotes" and {{$.inputs}}'
    inputBinding:
      position: 1
  token:
    type: string
    default: ''
    doc: 'a secret'
    inputBinding:
      position: 2
outputs: {}
