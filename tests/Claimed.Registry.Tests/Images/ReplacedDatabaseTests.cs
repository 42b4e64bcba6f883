using System.Net;
using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>A registry that runs while an older copy of its database, or a replica that had not followed to the end, takes its place.</summary>
public sealed class ReplacedDatabaseTests(ImageHost host) : IClassFixture<ImageHost>
{
    private readonly string _repository = ImageHost.NewRepository();

    [Fact]
    public async Task A_push_goes_through_when_the_repository_is_not_there_any_more()
    {
        await host.PushImageAsync(_repository, "before");
        await RunAsync($"""DELETE FROM image_tags WHERE "RepositoryId" = {Id}""");
        await RunAsync($"""DELETE FROM image_references WHERE "RepositoryId" = {Id}""");
        await RunAsync($"""DELETE FROM image_manifests WHERE "RepositoryId" = {Id}""");
        await RunAsync($"""DELETE FROM image_blobs WHERE "RepositoryId" = {Id}""");
        await RunAsync($"""DELETE FROM image_repositories WHERE "Name" = '{_repository}'""");
        await PushAndPullAsync();
    }

    [Fact]
    public async Task A_push_goes_through_when_the_repository_has_another_number()
    {
        await host.PushImageAsync(_repository, "before");
        await RunAsync($"""UPDATE image_repositories SET "Id" = "Id" + 1000 WHERE "Name" = '{_repository}'""");
        await PushAndPullAsync();
    }

    private string Id => $"""(SELECT "Id" FROM image_repositories WHERE "Name" = '{_repository}')""";

    private Task RunAsync(string sql) => TestDatabase.ExecuteAsync(host.Registry.DataPath, sql);

    private async Task PushAndPullAsync()
    {
        var digest = await host.PushImageAsync(_repository, "after", "another layer");
        var pulled = await host.Anonymous.GetAsync($"/v2/{_repository}/manifests/after");
        Assert.Equal(HttpStatusCode.OK, pulled.StatusCode);
        Assert.Equal(digest, Assert.Single(pulled.Headers.GetValues("Docker-Content-Digest")));
    }
}
