namespace Claimed.Registry.Mirrors;

/// <summary>What records look like, for the OpenAPI document.</summary>
internal static class RecordExamples
{
    public const string Names = """{"items": [{"namespace": "acme", "name": "filter-csv"}], "next": "cmVjb3Jkcw"}""";

    public const string Component = $$"""
        {"namespace": "acme", "name": "filter-csv", "visibility": "public", "kind": "component", "displayName": "Filter CSV", "description": "Keeps the rows that match an expression.",
         "category": "Transform", "group": "Tables", "tags": ["csv"], "imageHost": "localhost:8080", "versions": [{{Facts}}], "channels": {"stable": "0.1.0"} }
        """;

    public const string Version = $$"""
        {"namespace": "acme", "name": "filter-csv", "facts": {{Facts}},
         "bundleBlob": "sha256:7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730",
         "definition": "{\"name\":\"filter-csv\",…}", "definitionDigest": "sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
         "options": {}, "findings": [], "publishedBy": "ada"}
        """;

    private const string Facts = """
        {"version": "0.1.0", "state": "ready", "bundleDigest": "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
         "image": "localhost:8080/acme/filter-csv@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         "imageDigest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "yanked": false, "withdrawn": false, "deprecated": false,
         "createdAt": "2026-01-01T12:00:00+00:00", "readyAt": "2026-01-01T12:00:31+00:00",
         "renditions": [{"form": "component.yaml", "revision": 1, "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "size": 812}]}
        """;
}
