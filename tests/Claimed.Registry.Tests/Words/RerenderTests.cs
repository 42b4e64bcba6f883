using System.Net;
using Claimed.Registry.Builds;
using Claimed.Registry.Storage;
using Claimed.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Words;

public sealed class RerenderTests : IAsyncLifetime
{
    private const string Form = "acme/greet/versions/1.0.0/component.yaml";
    private RegistryHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistryHost.StartAsync(WordRun.NothingInMemory);
        await _host.PublishReadyAsync("acme", "greet", "1.0.0");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Trait("Database", "any")]
    [Fact]
    public async Task Rendering_the_same_bytes_adds_nothing()
    {
        var events = (await _host.GetAsync("/api/v1/events")).Text;
        var result = await RerenderAsync();
        Assert.Equal("1 ready versions: 0 new revisions of forms, 0 lost forms restored.", result.Succeeded());
        Assert.Equal(events, (await _host.GetAsync("/api/v1/events")).Text);
    }

    [Fact]
    public async Task A_version_is_rendered_again_to_the_bytes_of_its_publish_or_build_whatever_its_component_says_by_now()
    {
        using var engine = new PretendEngine(1);
        await using var host = await RegistryHost.StartAsync(new Dictionary<string, string> { ["Builds:Enabled"] = "true" },
            adjust: builder => builder.Services.AddSingleton<IImageBuilder>(engine));
        await host.PublishReadyAsync("acme", "given", "1.0.0");
        await host.PatchAsync("acme/given", """{"category": "Talk", "group": "Hello"}""");
        await host.PublishReadyAsync("acme", "given", "1.1.0", "next");
        await host.PublishAsync("acme", "given", "1.2.0", new Multipart().Source("component.yaml", Samples.ExistingImage("said")).Field("category", "Said").Field("group", "So"));
        await host.PublishReadyAsync("acme", "built", "1.0.0");
        await host.PatchAsync("acme/built", """{"category": "Talk", "group": "Hello"}""");
        await host.PublishAsync("acme", "built", "2.0.0", new Multipart().Source("step.py", Samples.Script()).Field("group", "So"));
        await host.UntilAsync("/api/v1/components/acme/built/versions/2.0.0", answer => answer["state"] == "ready");
        foreach (var component in (string[])["given", "built"])
            await host.PatchAsync($"acme/{component}", """{"category": "Other", "group": null}""");

        var done = await host.Services.GetRequiredService<Rerendering>().RunAsync(null, withHost: false, CancellationToken.None);
        Assert.Equal((5, 0), (done.Versions, done.Revisions));
        Assert.Contains("claimed.registry/category: Said", (await host.ComponentAsync("acme/given/versions/1.2.0/elyra.yaml")).Text.Replace("'", "").Replace("\"", ""), StringComparison.Ordinal);
        Assert.DoesNotContain("claimed.registry/category", (await host.ComponentAsync("acme/built/versions/2.0.0/component.yaml")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_differ_become_a_revision_and_the_old_ones_stay_at_their_digest()
    {
        var old = await OldRevisionAsync();
        Assert.Contains("1 new revisions", (await RerenderAsync("--form=component.yaml")).Succeeded(), StringComparison.Ordinal);
        var pinned = await _host.UntilAsync($"/api/v1/components/acme/greet/versions/{old}/component.yaml", answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal("an older renderer wrote this\n", pinned.Text);
        Assert.Contains("name: Greet", (await _host.ComponentAsync(Form)).Text, StringComparison.Ordinal);
        Assert.Contains((await _host.GetAsync("/api/v1/events")).Items, entry => entry.GetProperty("kind").GetString() == "version.rerendered");
        Assert.Contains(" 0 new revisions", (await RerenderAsync()).Succeeded(), StringComparison.Ordinal);
    }

    [Trait("Database", "any")]
    [Fact]
    public async Task A_form_that_did_not_exist_yet_is_made()
    {
        await TestDatabase.ExecuteAsync(_host.DataPath, """DELETE FROM renditions WHERE "Form" = 'operator.py'""");
        Assert.Contains("1 new revisions", (await RerenderAsync()).Succeeded(), StringComparison.Ordinal);
        Assert.Equal([1L], await TestDatabase.QueryAsync(_host.DataPath, """SELECT CAST("Revision" AS BIGINT) FROM renditions WHERE "Form" = 'operator.py'"""));
    }

    [Fact]
    public async Task Two_rerenderings_at_once_add_one_revision()
    {
        await OldRevisionAsync();
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ =>
            _host.Services.GetRequiredService<Rerendering>().RunAsync(null, withHost: false, CancellationToken.None)));
        Assert.Equal(1, both.Sum(done => done.Revisions));
        Assert.Equal(2, (await TestDatabase.QueryAsync(_host.DataPath, """SELECT "Digest" FROM renditions WHERE "Form" = 'component.yaml'""")).Count);
    }

    [Fact]
    public async Task A_new_public_host_is_refused_without_the_option_and_taken_with_it()
    {
        const string elyra = "acme/greet/versions/1.0.0/elyra.yaml";
        var (before, upload) = (await _host.ComponentAsync(elyra), await _host.ComponentAsync(Form));
        const string moved = "--Registry:PublicUrl=https://registry.example.org";
        var refused = await RerenderAsync(moved);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("https://registry.example.org", refused.Err, StringComparison.Ordinal);
        // operator.py names no address, and component.yaml is as it was published.
        Assert.Contains("1 new revisions", (await RerenderAsync("--host", moved)).Succeeded(), StringComparison.Ordinal);
        var after = await _host.UntilAsync($"/api/v1/components/{elyra}", answer => !answer.Bytes.AsSpan().SequenceEqual(before.Bytes));
        Assert.Contains("https://registry.example.org/api/v1/components/acme/greet/versions/1.0.0", after.Text, StringComparison.Ordinal);
        Assert.Contains(Samples.Image, after.Text, StringComparison.Ordinal);
        Assert.Equal(upload.Text, (await _host.ComponentAsync(Form)).Text);
        Assert.Equal("https://registry.example.org", await _host.Services.GetRequiredService<PublicHost>().RecordedAsync(CancellationToken.None));
    }

    [Trait("Database", "any")]
    [Fact]
    public async Task Lost_forms_come_back()
    {
        var forms = new List<(string Path, byte[] Bytes)>();
        foreach (var form in new[] { "component.yaml", "elyra.yaml", "operator.py", "original.yaml" })
            forms.Add((form, (await _host.ComponentAsync($"acme/greet/versions/1.0.0/{form}")).Bytes));
        foreach (var digest in forms.Select(form => Digest.Of(form.Bytes)))
            File.Delete(Path.Combine(_host.DataPath, "blobs", "sha256", digest[7..9], digest[7..]));
        Assert.Equal(0, (await RerenderAsync()).ExitCode);
        foreach (var (path, bytes) in forms)
            Assert.Equal(bytes, (await _host.ComponentAsync($"acme/greet/versions/1.0.0/{path}")).Bytes);
    }

    private Task<ShellResult> RerenderAsync(params string[] options) => WordRun.RunAsync(_host.DataPath, ["rerender", .. options]);

    /// <summary>Makes the version look as if an older program had rendered it; returns the digest of what that wrote.</summary>
    private async Task<string> OldRevisionAsync()
    {
        var bytes = "an older renderer wrote this\n"u8.ToArray();
        await _host.Services.GetRequiredService<IBlobStore>().PutAsync(Digest.Of(bytes), bytes, CancellationToken.None);
        await TestDatabase.ExecuteAsync(_host.DataPath, $"""UPDATE renditions SET "Digest" = '{Digest.Of(bytes)}' WHERE "Form" = 'component.yaml'""");
        return Digest.Of(bytes);
    }
}
