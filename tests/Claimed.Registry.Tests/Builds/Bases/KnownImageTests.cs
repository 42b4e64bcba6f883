using Claimed.Registry.Builds.Bases;
using Claimed.Registry.Storage;
using Claimed.Registry.Tests.Evidence;
using Claimed.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Builds.Bases;

/// <summary>Whose images a build takes instead of making its own.</summary>
public sealed class KnownImageTests(EvidenceRegistry registry) : IClassFixture<EvidenceRegistry>
{
    [Fact]
    public async Task An_image_of_a_private_namespace_is_taken_there_alone_and_one_of_a_public_namespace_everywhere()
    {
        await registry.Host.CreateNamespaceAsync("closed", isPrivate: true);
        await registry.Host.CreateNamespaceAsync("shut", isPrivate: true);
        await BuildAsync("closed/step", "recipe of a secret");
        await BuildAsync("open/step", "recipe of all");
        Assert.Equal("closed/step", (await TakeAsync("recipe of a secret", "closed/again"))?.Repository);
        Assert.Null(await TakeAsync("recipe of a secret", "open/guess"));
        Assert.Null(await TakeAsync("recipe of a secret", "shut/guess"));
        Assert.Equal("open/step", (await TakeAsync("recipe of all", "shut/again"))?.Repository);
        Assert.Equal("open/step", (await TakeAsync("recipe of all", "open/again"))?.Repository);
    }

    private Task<KnownImage?> TakeAsync(string recipe, string repository) => registry.Host.Services.GetRequiredService<KnownImages>().TakeAsync(recipe, repository, "taken", CancellationToken.None);

    private async Task BuildAsync(string component, string recipe)
    {
        await registry.BuildAsync(component, "1.0.0");
        var space = component.Split('/')[0];
        await registry.Host.Services.GetRequiredService<RegistryDatabase>().ChangeAsync(change => change.Db.Builds.Where(row => row.Version!.Component!.Namespace!.Name == space)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Recipe, recipe), change.Cancellation), CancellationToken.None);
    }
}
