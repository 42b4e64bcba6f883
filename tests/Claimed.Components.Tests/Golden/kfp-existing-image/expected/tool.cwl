# golden/count-lines 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: 'Count lines'
doc: 'Counts the lines of a file.'
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- sh
- '-ec'
- |
  mkdir -p "$(dirname "$2")"
  tail -n +"$(($1 + 1))" "$0" | wc -l > "$2"
arguments:
- position: 3
  valueFrom: '$(runtime.outdir)/count'
inputs:
  text:
    type: File
    doc: 'The file'
    inputBinding:
      position: 1
  skip:
    type: long
    default: 0
    doc: 'Lines to leave out'
    inputBinding:
      position: 2
outputs:
  count:
    type: File
    doc: 'Number of lines'
    outputBinding:
      glob: count
