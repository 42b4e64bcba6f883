namespace Claimed.Registry.Images.Browse;

/// <summary>What answers look like, for the OpenAPI document.</summary>
internal static class ImageExamples
{
    private const string Digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public const string Repository = """
        {"name":"acme/filter-csv","tags":3,"manifests":2,"bytes":48120311,"pulls":412,"createdAt":1764000000000,"updatedAt":1764300000000,"component":true,
         "links":{"self":"https://registry.example.org/api/v1/images/acme/filter-csv","tags":"https://registry.example.org/api/v1/images/acme/filter-csv/tags",
         "component":"https://registry.example.org/api/v1/components/acme/filter-csv"}}
        """;

    public const string Repositories = $$"""{"items":[{{Repository}}]}""";

    public const string Tags = $$"""
        {"items":[{"name":"1.2.0","digest":"{{Digest}}","mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.oci.image.config.v1+json",
         "bytes":24060155,"updatedAt":1764300000000,"links":{"image":"https://registry.example.org/api/v1/images/acme/filter-csv/manifests/{{Digest}}"} }]}
        """;

    public const string Image = $$"""
        {"repository":"acme/filter-csv","digest":"{{Digest}}","mediaType":"application/vnd.oci.image.manifest.v1+json","bytes":24060155,"createdAt":1764300000000,"pulls":97,
         "tags":["1.2.0","latest"],"platforms":["linux/amd64"],
         "config":{"platform":"linux/amd64","created":"2026-11-28T10:00:00Z","user":"1000","workingDir":"/work","entrypoint":["python","/claimed/run.py"],"cmd":[],"env":["PATH=/usr/bin:/bin"],
         "exposedPorts":[],"labels":{"org.opencontainers.image.version":"1.2.0"} },
         "layers":[{"digest":"{{Digest}}","mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","bytes":24058000}],"manifests":[],"annotations":{},
         "usedBy":[{"component":"acme/filter-csv","version":"1.2.0","link":"https://registry.example.org/api/v1/components/acme/filter-csv/versions/1.2.0"}],
         "referrers":[{"digest":"{{Digest}}","kind":"sbom","artifactType":"application/spdx+json","mediaType":"application/vnd.oci.image.manifest.v1+json","annotations":{} }],
         "links":{"pull":"registry.example.org/acme/filter-csv@{{Digest}}"} }
        """;
}
