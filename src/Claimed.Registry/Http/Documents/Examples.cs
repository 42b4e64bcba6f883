namespace Claimed.Registry.Http.Documents;

/// <summary>What answers look like, for the OpenAPI document.</summary>
public static class Examples
{
    public const string Build = """
        {"id": 7, "state": "succeeded", "attempt": 1, "engine": "docker 20.10.24 linux/amd64", "queuedAt": "2026-01-01T12:00:00+00:00",
         "startedAt": "2026-01-01T12:00:01+00:00", "endedAt": "2026-01-01T12:00:31+00:00", "seconds": 30,
         "imageDigest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         "links": {"self": "http://localhost:8080/api/v1/builds/7", "log": "http://localhost:8080/api/v1/builds/7/log",
                   "version": "http://localhost:8080/api/v1/components/acme/filter-csv/versions/0.1.0"}}
        """;

    public const string Builds = $$"""{"items": [{{Build}}], "next": "YnVpbGRzCjc"}""";

    public const string Version = """
        {"namespace": "acme", "name": "filter-csv", "version": "0.1.0", "kind": "component", "state": "ready",
         "bundleDigest": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
         "definitionDigest": "sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
         "imageDigest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         "image": "localhost:8080/acme/filter-csv@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         "displayName": "Filter CSV", "description": "Keeps the rows that match an expression.", "category": "Transform", "group": "Tables", "tags": [],
         "inputs": [{"name": "predicate", "type": "String", "passing": "value", "optional": false, "secret": false, "description": "Expression over the columns."}],
         "outputs": [{"name": "filtered", "type": "Dataset", "passing": "file", "optional": false, "secret": false}],
         "findings": [],
         "verdicts": {"kfp-v2": {"verdict": "ok", "findings": []}, "elyra-submit": {"verdict": "limited", "findings": ["input-file-optional-in-elyra"]} },
         "yanked": false, "deprecated": false,
         "createdAt": "2026-01-01T12:00:00+00:00", "readyAt": "2026-01-01T12:00:31+00:00",
         "links": {"self": "http://localhost:8080/api/v1/components/acme/filter-csv/versions/0.1.0",
                   "component.yaml": "http://localhost:8080/api/v1/components/acme/filter-csv/versions/0.1.0/component.yaml"}}
        """;

    public const string Versions = $$"""{"items": [{{Version}}]}""";

    public const string Component = """
        {"namespace": "acme", "name": "filter-csv", "kind": "component", "displayName": "Filter CSV",
         "description": "Keeps the rows that match an expression.", "category": "Transform", "group": "Tables", "tags": ["csv"],
         "version": "0.1.0", "state": "ready", "channels": {"latest": "0.1.0"}, "updatedAt": "2026-01-01T12:00:31+00:00",
         "links": {"self": "http://localhost:8080/api/v1/components/acme/filter-csv",
                   "versions": "http://localhost:8080/api/v1/components/acme/filter-csv/versions",
                   "page": "http://localhost:8080/components/acme/filter-csv"}}
        """;

    public const string Channel = """
        {"namespace": "acme", "name": "filter-csv", "channel": "stable", "version": "1.2.0", "revision": 3, "setBy": "publisher",
         "links": {"self": "http://localhost:8080/api/v1/components/acme/filter-csv/channels/stable",
                   "version": "http://localhost:8080/api/v1/components/acme/filter-csv/versions/1.2.0"}}
        """;

    public const string Channels = $$"""{"items": [{{Channel}}]}""";

    public const string Digests = """
        {"items": [{"kind": "rendition", "namespace": "acme", "name": "filter-csv", "version": "0.1.0", "form": "component.yaml",
                    "state": "ready", "yanked": false, "channels": ["latest"], "publishedBy": "ada", "publishedAt": "2026-01-01T12:00:00+00:00", "build": 7,
                    "links": {"version": "http://localhost:8080/api/v1/components/acme/filter-csv/versions/0.1.0",
                              "content": "http://localhost:8080/api/v1/components/acme/filter-csv/versions/sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08/component.yaml"}}]}
        """;

    public const string Components = $$"""{"items": [{{Component}}], "next": "Y29tcG9uZW50cwphY21lL2ZpbHRlci1jc3Y"}""";

    public const string Validation = """
        {"name": "filter-csv", "valid": true, "version": "1.3.0", "verdicts": {"kfp-v2": {"verdict": "ok", "findings": []} }, "inputs": [], "outputs": [],
         "findings": [{"code": "input-no-description", "severity": "warning", "file": "filter.py", "line": 4, "column": 1,
                       "message": "The input \"predicate\" has no description.", "fix": "Write a comment above the line."}]}
        """;

    public const string Events = """
        {"items": [{"serial": 12, "at": "2026-01-01T12:00:31+00:00", "kind": "version.ready", "subject": "acme/filter-csv", "payload": {"version": "0.1.0"}}],
         "next": "12"}
        """;

    public const string ComponentYaml = """
        name: Filter CSV
        inputs:
        - {name: predicate, type: String}
        implementation:
          container:
            image: localhost:8080/acme/filter-csv@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
            command: [sh, -ec, 'exec /opt/claimed/run predicate="${0}"', {inputValue: predicate}]

        """;
}
