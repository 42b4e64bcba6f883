# golden/weather-download 1.2.3: cwltool tool.cwl --help
cwlVersion: v1.2
class: CommandLineTool
label: weather_download
doc: |-
  Downloads the measurements of a weather station.

  Each day becomes a row; days without data are left out.
requirements:
  NetworkAccess:
    networkAccess: true
hints:
  DockerRequirement:
    dockerPull: 'registry.example.org/golden/step@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
baseCommand:
- '/opt/claimed/run'
arguments:
- position: 9
  valueFrom: 'rows=$(runtime.outdir)/rows'
inputs:
  log_level:
    type: string
    default: INFO
    doc: 'update log level'
    inputBinding:
      position: 1
      prefix: 'log_level='
      separate: false
  station:
    type: string
    doc: 'number of the station'
    inputBinding:
      position: 2
      prefix: 'station='
      separate: false
  first_day:
    type: string
    default: '2020-01-01'
    doc: 'first day, as YYYY-MM-DD'
    inputBinding:
      position: 3
      prefix: 'first_day='
      separate: false
  days:
    type: long
    default: 30
    doc: 'how many days to load'
    inputBinding:
      position: 4
      prefix: 'days='
      separate: false
  timeout:
    type: double
    default: 7.5
    doc: 'seconds before a request is given up'
    inputBinding:
      position: 5
      prefix: 'timeout='
      separate: false
  unverified:
    type: boolean
    default: false
    doc: 'also load days that are not verified yet'
    inputBinding:
      position: 6
      valueFrom: 'unverified=$(self)'
  parameters:
    type: string
    default: '{"unit": "metric"}'
    doc: 'more parameters of the request'
    inputBinding:
      position: 7
      prefix: 'parameters='
      separate: false
  target:
    type: string
    default: weather.csv
    doc: 'where the table goes'
    inputBinding:
      position: 8
      prefix: 'target='
      separate: false
outputs:
  rows:
    type: File
    doc: 'rows that were written'
    outputBinding:
      glob: rows
