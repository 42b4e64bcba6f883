using System.Net;
using Claimed.Components;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Catalogs;

/// <summary>Forms that are rendered for whoever asks.</summary>
[Trait("Database", "any")]
public sealed class RequestedFormTests(SharedRegistry registry) : IClassFixture<SharedRegistry>
{
    private readonly RegistryHost _host = registry.Host;

    private async Task SeedAsync(string name, string state = "ready") => await _host.SeedAsync(new()
    {
        Namespace = "asked",
        Name = name,
        Number = "1.0.0",
        State = state,
        BuildState = state == "ready" ? null : state,
        Inputs = [new Port { Name = "api_key", Type = PortTypes.String, Secret = true, Optional = true }],
    });

    [Fact]
    public async Task A_version_that_was_published_before_a_form_existed_has_it_and_links_to_it()
    {
        await SeedAsync("older");
        var version = await _host.ComponentAsync("asked/older/versions/1.0.0");
        foreach (var (form, mark) in new[] { ("pipeline.yaml", "schemaVersion: '2.1.0'"), ("job.yaml", "apiVersion: batch/v1"), ("tool.cwl", "class: CommandLineTool"), ("usage", "kubectl create -f") })
        {
            Assert.Equal($"http://localhost:8080/api/v1/components/asked/older/versions/1.0.0/{form}", version.Json.GetProperty("links").GetProperty(form).GetString());
            var answer = await _host.ComponentAsync($"asked/older/versions/1.0.0/{form}");
            Assert.Contains(mark, answer.Text, StringComparison.Ordinal);
            if (form != "usage")
                Assert.Contains(version["image"]!, answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Usage_is_for_one_client_or_for_all_and_for_none_that_is_unknown()
    {
        await SeedAsync("used");
        var all = (await _host.ComponentAsync("asked/used/versions/1.0.0/usage")).Text;
        foreach (var (client, mark) in new[] { ("docker", "docker run"), ("kfp", "use_secret_as_env"), ("elyra", "Kubernetes Secrets"), ("airflow", "secrets=[Secret("), ("kubernetes", "kubectl create secret") })
        {
            var one = (await _host.ComponentAsync($"asked/used/versions/1.0.0/usage?client={client}")).Text;
            Assert.Contains(mark, one, StringComparison.Ordinal);
            Assert.Contains(mark, all, StringComparison.Ordinal);
            Assert.True(one.Length < all.Length);
        }
        var unknown = await _host.ComponentAsync("asked/used/versions/1.0.0/usage?client=make");
        Assert.Equal((HttpStatusCode.BadRequest, "bad-query"), (unknown.Status, unknown["type"]));
    }

    [Fact]
    public async Task Through_a_moving_name_they_say_where_they_stay()
    {
        await SeedAsync("moving");
        var answer = await _host.ComponentAsync("asked/moving/versions/latest/usage?client=kfp");
        Assert.Equal("http://localhost:8080/api/v1/components/asked/moving/versions/1.0.0/usage?client=kfp", answer.Message.Content.Headers.ContentLocation!.ToString());
        Assert.Contains("/versions/1.0.0/component.yaml", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_without_an_image_has_none_yet()
    {
        await SeedAsync("waiting", "queued");
        Assert.Equal("version-not-ready", (await _host.ComponentAsync("asked/waiting/versions/1.0.0/job.yaml"))["type"]);
        Assert.False((await _host.ComponentAsync("asked/waiting/versions/1.0.0")).Json.GetProperty("links").TryGetProperty("job.yaml", out _));
    }
}
