using System.Net;
using System.Security.Cryptography;
using System.Text;
using Claimed.Database.Builds;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Evidence;

/// <summary>What the registry says, signed, of how an image came to be.</summary>
[Trait("Database", "any")]
public sealed class ProvenanceTests(EvidenceRegistry registry) : IClassFixture<EvidenceRegistry>
{
    private const string BaseDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private RegistryHost Host => registry.Host;

    [Fact]
    public async Task It_names_the_image_the_published_files_the_bases_the_forms_the_builder_and_the_times()
    {
        registry.Adding = () => AddBase("origin/told");
        var version = await registry.BuildAsync("origin/told", "1.0.0");
        var statement = await registry.StatementAsync("origin/told", "1.0.0", "provenance.json");
        Assert.Equal(("https://in-toto.io/Statement/v1", "https://slsa.dev/provenance/v1"), (statement.GetProperty("_type").GetString(), statement.GetProperty("predicateType").GetString()));
        var subject = statement.GetProperty("subject")[0];
        Assert.Equal(version["imageDigest"], $"sha256:{subject.GetProperty("digest").GetProperty("sha256").GetString()}");
        Assert.Equal(version["image"], $"{subject.GetProperty("name").GetString()}@{version["imageDigest"]}");
        var definition = statement.GetProperty("predicate").GetProperty("buildDefinition");
        Assert.Equal("urn:claimed-registry:component-build:v1", definition.GetProperty("buildType").GetString());
        var parameters = definition.GetProperty("externalParameters");
        Assert.Equal(("origin/told", "1.0.0", version["bundleDigest"]),
            (parameters.GetProperty("component").GetString(), parameters.GetProperty("version").GetString(), parameters.GetProperty("bundle").GetString()));
        var dependencies = definition.GetProperty("resolvedDependencies");
        var bundle = await Host.ComponentAsync("origin/told/versions/1.0.0/bundle");
        Assert.Equal(Digest.Of(bundle.Bytes)[7..], dependencies[0].GetProperty("digest").GetProperty("sha256").GetString());
        var origin = dependencies.EnumerateArray().Single(one => one.GetProperty("uri").GetString() == "docker://python:3.12");
        Assert.Equal(BaseDigest[7..], origin.GetProperty("digest").GetProperty("sha256").GetString());
        var run = statement.GetProperty("predicate").GetProperty("runDetails");
        Assert.Equal("pretend 1 linux/amd64", run.GetProperty("builder").GetProperty("version").GetProperty("engine").GetString());
        Assert.Equal(version["build.links.self"], run.GetProperty("metadata").GetProperty("invocationId").GetString());
        Assert.Equal(DateTimeOffset.Parse(version["build.startedAt"]!), run.GetProperty("metadata").GetProperty("startedOn").GetDateTimeOffset());
        Assert.InRange(run.GetProperty("metadata").GetProperty("finishedOn").GetDateTimeOffset(), DateTimeOffset.Parse(version["build.startedAt"]!), DateTimeOffset.Parse(version["build.endedAt"]!));
        foreach (var form in (string[])["Dockerfile", "component.yaml", "elyra.yaml", "operator.py"])
            Assert.Contains((await Host.ComponentAsync($"origin/told/versions/1.0.0/{form}")).ETag!.Trim('"')[7..], run.GetProperty("byproducts").GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("provenance.json")]
    [InlineData("contents.json")]
    public async Task The_signature_verifies_with_openssl_and_the_public_key_of_the_well_known_address(string form)
    {
        await registry.BuildAsync("origin/signed", "1.0.0");
        var envelope = await Host.ComponentAsync($"origin/signed/versions/1.0.0/{form}");
        Assert.Equal("application/vnd.in-toto+json", envelope["payloadType"]);
        var payload = Convert.FromBase64String(envelope["payload"]!);
        var signature = envelope.Json.GetProperty("signatures")[0];
        var folder = Directory.CreateTempSubdirectory("claimed-test-").FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "signed"), [.. Encoding.UTF8.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {payload.Length} "), .. payload]);
        await File.WriteAllBytesAsync(Path.Combine(folder, "signature"), Convert.FromBase64String(signature.GetProperty("sig").GetString()!));
        var pem = (await Host.GetAsync("/.well-known/evidence-keys.pem")).Text;
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), pem);
        var verified = await Shell.RunAsync("openssl", ["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "signed"], folder: folder);
        Assert.Equal("Verified OK", verified.Succeeded());
        Assert.Equal(pem, (await Host.GetAsync($"/.well-known/evidence-keys/{signature.GetProperty("keyid").GetString()}.pem")).Text);
        await File.AppendAllTextAsync(Path.Combine(folder, "signed"), " ");
        Assert.NotEqual(0, (await Shell.RunAsync("openssl", ["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "signed"], folder: folder)).ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_version_whose_packages_cannot_be_listed_becomes_ready_and_says_so()
    {
        var version = await registry.BuildAsync("origin/odd", "1.0.0", "this is no layer"u8.ToArray(), LayerSamples.Gzip(LayerSamples.Python("known", "1.0")));
        Assert.Equal(["pkg:pypi/known@1.0"], await registry.PackagesAsync("origin/odd", "1.0.0"));
        var note = Assert.Single(await registry.NotesAsync("origin/odd", "1.0.0"));
        Assert.Equal($"The layer {Digest.Of("this is no layer"u8)} is not read: it ends in the middle of an entry. What it adds is not in this list, and what it takes away is.", note);
        var log = await Host.GetAsync($"/api/v1/builds/{version["build.id"]}/log");
        Assert.Contains("Contents: 1 packages, not all could be read", log.Text, StringComparison.Ordinal);
        Assert.Contains(note, log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_key_signs_from_then_on_and_what_the_old_one_signed_stays_verifiable()
    {
        await using var other = new EvidenceRegistry();
        await other.InitializeAsync();
        var before = await KeyOfAsync(other, "1.0.0");
        var folder = Path.Combine(other.Host.DataPath, "keys");
        Assert.Equal("600", (await Shell.RunAsync("stat", ["-c", "%a", Path.Combine(folder, "evidence-1.pem")])).Succeeded());
        Assert.Equal("evidence-2.pem", other.Host.Services.GetRequiredService<Claimed.Registry.Access.KeyFiles>().AddEvidence());
        var listed = await other.Host.UntilAsync("/.well-known/evidence-keys.json", answer => answer.Json.GetProperty("keys").GetArrayLength() == 2);
        var after = await KeyOfAsync(other, "2.0.0");
        Assert.NotEqual(before, after);
        Assert.Equal([after, before], listed.Json.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("keyId").GetString()!));
        // The public half alone verifies, and signs nothing any more.
        using var retired = ECDsa.Create();
        retired.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(folder, "evidence-2.pem")));
        await File.WriteAllTextAsync(Path.Combine(folder, "evidence-2.pem"), retired.ExportSubjectPublicKeyInfoPem());
        await other.Host.UntilAsync("/health/live", _ => other.Host.Services.GetRequiredService<Claimed.Registry.Evidence.EvidenceKeys>().Signing.Id == before);
        Assert.Equal(before, await KeyOfAsync(other, "3.0.0"));
        Assert.Equal(HttpStatusCode.OK, (await other.Host.GetAsync($"/.well-known/evidence-keys/{after}.pem")).Status);
        var unknown = await other.Host.GetAsync($"/.well-known/evidence-keys/{new string('0', 64)}.pem");
        Assert.Equal((HttpStatusCode.NotFound, "key-not-found"), (unknown.Status, unknown["type"]));
    }

    private static async Task<string> KeyOfAsync(EvidenceRegistry registry, string version)
    {
        await registry.BuildAsync("origin/rotated", version);
        return (await registry.Host.ComponentAsync($"origin/rotated/versions/{version}/provenance.json")).Json.GetProperty("signatures")[0].GetProperty("keyid").GetString()!;
    }

    /// <summary>As the step that resolves the base images does, before the engine starts.</summary>
    private void AddBase(string component)
    {
        using var db = Host.Services.GetRequiredService<IDbContextFactory<Claimed.Database.RegistryContext>>().CreateDbContext();
        var build = db.Builds.Where(row => row.Version!.Component!.Name == component.Split('/', 2)[1]).OrderBy(row => row.Id).Last();
        db.BuildBases.Add(new BuildBase { BuildId = build.Id, Name = "python:3.12", Digest = BaseDigest });
        db.SaveChanges();
    }
}
