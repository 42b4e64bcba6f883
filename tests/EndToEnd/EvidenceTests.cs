using System.Net;
using System.Text.Json.Nodes;
using Claimed.TestKit;
using Xunit;

namespace Claimed.EndToEnd;

/// <summary>What the registry says of an image that an engine built, held against the image itself and read by programs of others.</summary>
[Trait("Database", "any")]
public sealed class EvidenceTests(RegistryWithEngine registry)
{
    private const string Component = "evidence/real";

    private const string Distributions = "import importlib.metadata as m\nfor d in m.distributions(): print(d.metadata['Name'].lower().replace('_', '-'), d.version)";

    [Fact]
    public async Task The_list_has_what_the_package_managers_inside_the_image_say_and_all_of_it_verifies()
    {
        var version = await registry.Host.PublishAsync(Component, "1.0.0", "tool.py", "'A tool.'\nprint(1)\n");
        version.AssertReady();
        var image = (string)version["image"]!;
        var list = JsonNode.Parse(await registry.Host.Anonymous.GetStringAsync($"api/v1/components/{Component}/versions/1.0.0/contents.spdx.json"))!;
        Assert.Null(list["annotations"]);
        var purls = list["packages"]!.AsArray().Select(package => Uri.UnescapeDataString((string)package!["externalRefs"]![0]!["referenceLocator"]!)).ToList();

        (await registry.Engine.DockerAsync("pull", "--quiet", image)).Succeeded();
        var debian = await LinesAsync(image, "dpkg-query", "-W", "-f", "${Package}@${Version}?arch=${Architecture}\\n");
        Assert.True(debian.Count > 50, string.Join(' ', debian));
        Assert.Equal(debian.Order(StringComparer.Ordinal), purls.Where(purl => purl.StartsWith("pkg:deb/debian/", StringComparison.Ordinal)).Select(purl => purl["pkg:deb/debian/".Length..].Split("&distro=")[0]).Order(StringComparer.Ordinal));
        var python = (await LinesAsync(image, "python", "-c", Distributions)).Select(line => $"pkg:pypi/{line.Replace(' ', '@')}").Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(python, purls.Where(purl => purl.StartsWith("pkg:pypi/", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));

        using var folder = new Workspace();
        await File.WriteAllBytesAsync(Path.Combine(folder.Folder, "evidence.tar.gz"), await registry.Host.Anonymous.GetByteArrayAsync($"api/v1/components/{Component}/versions/1.0.0/evidence.tar.gz"));
        (await Shell.RunAsync("tar", ["-xzf", "evidence.tar.gz"], folder: folder.Folder)).Succeeded();
        Assert.EndsWith("VERIFIED", (await Shell.RunAsync("sh", ["real-1.0.0/verify.sh"], folder: folder.Folder)).Succeeded(), StringComparison.Ordinal);

        var digest = (string)version["imageDigest"]!;
        var referrers = JsonNode.Parse(await registry.Host.Anonymous.GetStringAsync($"v2/{Component}/referrers/{digest}"))!["manifests"]!.AsArray();
        Assert.Equal(["application/vnd.in-toto.provenance+dsse", "application/vnd.in-toto.spdx+dsse"], referrers.Select(one => (string)one!["artifactType"]!).Order(StringComparer.Ordinal));
        // Where cosign looks, read by a client that knows nothing of it.
        var tags = JsonNode.Parse((await registry.Engine.SkopeoAsync("inspect", "--raw", "--tls-verify=false", $"docker://{registry.ImageHost}/{Component}:{digest.Replace(':', '-')}.att")).Succeeded())!;
        Assert.Equal(2, tags["layers"]!.AsArray().Count);
        using var forms = await registry.Host.Anonymous.GetAsync($"components/{Component}");
        Assert.Equal(HttpStatusCode.OK, forms.StatusCode);
        Assert.Contains("versions/1.0.0/contents.spdx.json", await forms.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> LinesAsync(string image, params string[] command) =>
        (await registry.Engine.DockerAsync(["run", "--rm", "--network", "none", "--entrypoint", command[0], image, .. command[1..]])).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
